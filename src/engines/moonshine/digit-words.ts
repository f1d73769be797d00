/** Digits as they are said, one by one. */
export const digitWords = [
  'zero',
  'oh',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
] as const;

const single: ReadonlySet<string> = new Set(digitWords);

/** How many digits a word is, in letters or figures. @param word without capitals and punctuation */
export function digitsInWord(word: string): number {
  return single.has(word) ? 1 : word.replaceAll(/\D/g, '').length;
}
