/**
 * Cuts a stream of text into clauses to be spoken. The first is as short as it can be (the caller waits for it); later
 * ones are whole sentences, which sound better and are ready long before they are due.
 */
export class ClauseCutter {
  #buffer = '';
  #wordsCut = 0;

  /** @returns the clauses that `text` completes */
  push(text: string): string[] {
    this.#buffer += text;
    const clauses: string[] = [];
    for (;;) {
      const at = this.#wordsCut < enoughWords ? firstBoundary(this.#buffer) : sentenceBoundary(this.#buffer);
      if (at === undefined) return clauses;
      const clause = this.#buffer.slice(0, at).trim();
      this.#buffer = this.#buffer.slice(at).trimStart();
      if (clause === '') continue;
      this.#wordsCut += clause.split(/\s+/).length;
      clauses.push(clause);
    }
  }

  /** What is left when the stream has ended. */
  end(): string | undefined {
    const rest = this.#buffer.trim();
    this.#buffer = '';
    return rest === '' ? undefined : rest;
  }
}

/** This much speech lasts until a whole sentence has followed; less is followed by another short clause. */
const enoughWords = 4;
/**
 * A first clause without punctuation is cut before a function word once it has this many words: the caller waits for it,
 * and the voice speaks what follows as the continuation that it is.
 */
const maxFirstWords = 3;
/** With so many words it is cut between any two that can stand apart. */
const longestFirstWords = 5;
/** A later sentence that runs on is cut at a comma beyond this length. */
const longSentence = 90;

const abbreviations = new Set([
  'mr',
  'mrs',
  'ms',
  'dr',
  'st',
  'prof',
  'vs',
  'etc',
  'e.g',
  'i.e',
  'a.m',
  'p.m',
  'no',
  'approx',
]);
const functionWords = new Set([
  'and',
  'but',
  'or',
  'so',
  'because',
  'with',
  'for',
  'to',
  'at',
  'on',
  'in',
  'that',
  'which',
  'if',
  'when',
  'from',
]);
/** Those that hardly any longer word begins with: the caller need not wait for what comes after them. */
const wholeWords = new Set(['with', 'because', 'which']);

/** What stands before these belongs to them. */
const leaning = new Set([
  ...functionWords,
  ...'a an the one two three my your our their this these some any no of as by is are was am be can will would not very'.split(
    ' ',
  ),
]);

/** Index behind the first comma or sentence end, before a function word of a long beginning, or behind as many words as it may have. */
function firstBoundary(text: string): number | undefined {
  const mark = punctuation(text, ',.!?;:') ?? endMark(text);
  const words = [...text.matchAll(/\S+/g)];
  const joint = words.slice(maxFirstWords).find(({ 0: word }, at, rest) =>
    // The last word may not be complete.
    (at < rest.length - 1 ? functionWords : wholeWords).has(word.toLowerCase()),
  )?.index;
  const last = words
    .slice(longestFirstWords - 1, -1)
    .findIndex(({ 0: word }) => /^[\p{L}'-]+$/u.test(word) && !leaning.has(word.toLowerCase()));
  const cut = last < 0 ? undefined : words[longestFirstWords + last]?.index;
  const found = [mark, joint, cut].filter((index) => index !== undefined);
  return found.length === 0 ? undefined : Math.min(...found);
}

function sentenceBoundary(text: string): number | undefined {
  const end = punctuation(text, '.!?');
  if (end !== undefined) return end;
  if (text.length < longSentence) return undefined;
  return punctuation(text.slice(longSentence / 2), ',;:', longSentence / 2);
}

/** The end of a text that stops at a mark which cannot be part of a number, an abbreviation or an address. */
function endMark(text: string): number | undefined {
  const last = /([a-z]+)([,.!?;:])$/i.exec(text);
  if (!last) return undefined;
  const [, word = '', mark] = last;
  return mark === '.' && (word.length < 3 || abbreviations.has(word.toLowerCase())) ? undefined : text.length;
}

/** Index behind the first of `marks` that ends a clause: followed by space, and not part of a number or abbreviation. */
function punctuation(text: string, marks: string, offset = 0): number | undefined {
  for (let i = 0; i < text.length - 1; i++) {
    if (!marks.includes(text.charAt(i)) || !/\s/.test(text.charAt(i + 1))) continue;
    const word = /\S*$/.exec(text.slice(0, i))?.[0].toLowerCase() ?? '';
    if (text.charAt(i) === '.' && (abbreviations.has(word) || /^[a-z]$/.test(word))) continue;
    return offset + i + 1;
  }
  return undefined;
}
