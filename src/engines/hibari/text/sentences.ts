/** End punctuation, closing quotes or brackets, white space. */
const END = /(?<=[.!?…])["”’)\]]*\s+(?=\S)/gu;

/**
 * Splits text at line breaks and at the ends of sentences. A full stop after a title ("Dr."), after an initial ("J.") or
 * before a small letter ends nothing.
 * @param titles words that a full stop abbreviates, without it
 */
export function splitSentences(text: string, titles: ReadonlySet<string>): string[] {
  const sentences: string[] = [];
  for (const line of text.split(/\n+/)) {
    const paragraph = line.trim();
    let from = 0;
    for (const match of paragraph.matchAll(END)) {
      const next = match.index + match[0].length;
      if (!endsHere(paragraph, match.index, paragraph.charAt(next), titles)) continue;
      sentences.push(paragraph.slice(from, match.index));
      from = next;
    }
    sentences.push(paragraph.slice(from));
  }
  return sentences.filter((sentence) => sentence.trim() !== '');
}

function endsHere(paragraph: string, end: number, next: string, titles: ReadonlySet<string>): boolean {
  if (/\p{Ll}/u.test(next)) return false;
  if (paragraph.charAt(end - 1) !== '.') return true;
  const word = paragraph.slice(paragraph.lastIndexOf(' ', end - 1) + 1, end - 1).replace(/^[("“'‘]+/, '');
  return !titles.has(word) && !/^\p{Lu}$/u.test(word);
}
