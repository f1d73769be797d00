/** End punctuation, closing quotes or brackets, white space. */
const END = /(?<=[.!?…])["”’)\]]*\s+(?=\S)/gu;

const STREETS: ReadonlySet<string> = new Set(['St', 'Ave', 'Rd', 'Blvd', 'Dr', 'Ln']);
const COMPASS = /^(?:[NS][EW]?|[EW])\b(?!\.\s?\p{Lu})/u;

/** Abbreviations, without their full stop, after which the sentence may go on. */
export type Abbreviations = {
  /** Titles: "Dr" */
  readonly beforeNames: ReadonlySet<string>;
  /** Words that number things: "No", "Jan" */
  readonly beforeNumbers: ReadonlySet<string>;
};

/**
 * Splits text at line breaks and at the ends of sentences. A full stop after a title ("Dr."), after an initial ("J."),
 * between an abbreviation and a number ("Jan. 5") or before a small letter ends nothing.
 */
export function splitSentences(text: string, abbreviations: Abbreviations): string[] {
  const sentences: string[] = [];
  for (const line of text.split(/\n+/)) {
    const paragraph = line.trim();
    let from = 0;
    for (const match of paragraph.matchAll(END)) {
      const next = match.index + match[0].length;
      if (!endsHere(paragraph, match.index, paragraph.charAt(next), abbreviations)) continue;
      sentences.push(paragraph.slice(from, match.index));
      from = next;
    }
    sentences.push(paragraph.slice(from));
  }
  return sentences.filter((sentence) => sentence.trim() !== '');
}

function endsHere(paragraph: string, end: number, next: string, abbreviations: Abbreviations): boolean {
  if (/\p{Ll}/u.test(next)) return false;
  if (paragraph.charAt(end - 1) !== '.') return true;
  const word = paragraph.slice(paragraph.lastIndexOf(' ', end - 1) + 1, end - 1).replace(/^[("“'‘]+/, '');
  if (/\d/.test(next) && abbreviations.beforeNumbers.has(word)) return false;
  if (STREETS.has(word) && COMPASS.test(paragraph.slice(end).trimStart())) return false;
  return !abbreviations.beforeNames.has(word) && !/^\p{Lu}$/u.test(word);
}
