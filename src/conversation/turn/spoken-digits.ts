import { digitWords, teenWords, tensWords } from '../../language/number-words.js';

const single: ReadonlySet<string> = new Set([...digitWords, 'oh', 'o', 'nought']);
const teens: ReadonlySet<string> = new Set(teenWords);
const tens: ReadonlySet<string> = new Set([...tensWords, 'fourty']);
/** What a recogniser writes for a digit that sounds like another word; only next to digits. */
const soundsLikeDigit = new Set(['to', 'too', 'for', 'fore', 'ate', 'won', 'tree', 'sex', 'fife', 'niner', 'ow']);
/** Behind these, "one" is no number: "my old one", "I don't have one". */
const beforePronoun = new Set(
  'a the that this which another old new have had got right wrong last first only same other no any my'.split(' '),
);
const repeats: Readonly<Record<string, number>> = { double: 2, triple: 3, treble: 3 };

export type SpokenDigits = {
  /** How many digits were dictated. */
  readonly count: number;
  /** Words behind the last of them that are none. */
  readonly wordsSince: number;
  /** Words anywhere that are none. */
  readonly otherWords: number;
};

/** Counts dictated digits, in words or figures: "double five", "oh", "twenty one", "eight hundred", "555-0134". */
export function spokenDigits(text: string): SpokenDigits {
  const words = text
    .toLowerCase()
    .replaceAll(/(\d)[\s]*[-–.,()/]+[\s]*(?=\d)/g, '$1 ')
    .split(/[\s\-–—/]+/)
    .map((word) => word.replaceAll(/[^\p{L}\d+]/gu, ''))
    .filter((word) => word !== '' && word !== '+');
  let count = 0;
  let wordsSince = 0;
  let otherWords = 0;
  let times = 1;
  let openTens = false;
  for (const [index, word] of words.entries()) {
    const digits = digitsIn(word, openTens, isDigit(words[index - 1]) || isDigit(words[index + 1]), count > 0);
    openTens = tens.has(word);
    const repeated = repeats[word];
    if (repeated !== undefined && (index + 1 === words.length || isDigit(words[index + 1]))) {
      times = repeated;
      wordsSince = 0;
      continue;
    }
    const pronoun = word === 'one' && beforePronoun.has(words[index - 1] ?? '') && !isDigit(words[index + 1]);
    if (digits === undefined || pronoun) {
      if (word === 'and' && count > 0) continue;
      times = 1;
      wordsSince += 1;
      otherWords += 1;
      continue;
    }
    count += digits * times;
    times = 1;
    wordsSince = 0;
  }
  return { count, wordsSince, otherWords };
}

function isDigit(word: string | undefined): boolean {
  return word !== undefined && (single.has(word) || teens.has(word) || tens.has(word) || /^\+?\d+$/.test(word));
}

/** How many digits a word adds, or undefined when it is none. */
function digitsIn(word: string, afterTens: boolean, besideDigits: boolean, begun: boolean): number | undefined {
  if (/^\+?\d+$/.test(word)) return word.replace('+', '').length;
  // "Twenty one" has the two digits that "twenty" has been counted for.
  if (single.has(word)) return afterTens && word !== 'oh' && word !== 'zero' ? 0 : 1;
  if (teens.has(word) || tens.has(word)) return 2;
  if (soundsLikeDigit.has(word) && besideDigits) return 1;
  if (word === 'hundred' && begun) return 2;
  if (word === 'thousand' && begun) return 3;
  return undefined;
}
