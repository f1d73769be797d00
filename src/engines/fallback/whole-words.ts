/**
 * Where a text may be broken off so that somebody else can go on with the next word: before the space in front of a word
 * that may go on, or of a number that may have a fraction.
 */
export function wholeWords(text: string): string {
  return text.replace(/\s*(?:[\p{L}\p{N}\p{M}_'’-]|(?<=\p{N})[.,:])*$/u, '');
}

/** How many of the written words were said, as far as the words that a voice has told can be found in them. */
export function wordsSaid(written: readonly string[], spoken: readonly string[]): number {
  /** A voice may say more words than are written ("$5") or fewer. */
  const reach = 4;
  let said = 0;
  for (const word of spoken) {
    const found = written.slice(said, said + reach).findIndex((each) => plainWord(each) === plainWord(word));
    if (found >= 0) said += found + 1;
  }
  return said;
}

/** Without capitals and punctuation. */
export function plainWord(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
