import { cardinalKind, normalizeNumbers } from './english-numbers.js';
import { endsSentence, plain, type TimedWord } from './words.js';

/** Words from `from` up to `to` (not included) that are one spoken number or several, and how they are written. */
export type NumberRun = { readonly from: number; readonly to: number; readonly written: string };

/** So many single digits in a row are dictated: commas between them part nothing. */
const dictatedFrom = 4;

/**
 * The spoken and written numbers of a transcript. A comma parts two numbers ("two, three"), unless digits are dictated
 * ("four, one, five, five").
 */
export function numberRuns(words: readonly TimedWord[]): NumberRun[] {
  const runs: NumberRun[] = [];
  let at = 0;
  while (at < words.length) {
    const dictated = dictatedEnd(words, at);
    const to = dictated - at >= dictatedFrom ? dictated : runEnd(words, at);
    if (to === at) {
      at += 1;
      continue;
    }
    const said = words.slice(at, to).map(({ text }) => plain(text).replaceAll(/[-–,]/g, ' '));
    runs.push({ from: at, to, written: normalizeNumbers(said.join(' ')) });
    at = to;
  }
  return runs;
}

/** The digits of a run, as they are written or said: figures keep their zeros. */
export function digitsOf(words: readonly TimedWord[]): string {
  let digits = '';
  let spoken: string[] = [];
  const take = (): void => {
    digits += normalizeNumbers(spoken.join(' ')).replaceAll('one', '1').replaceAll(/\D/g, '');
    spoken = [];
  };
  for (const { text } of words) {
    if (!/\d/.test(text)) {
      spoken.push(plain(text).replaceAll(/[-–,]/g, ' '));
      continue;
    }
    take();
    digits += text.replaceAll(/\D/g, '');
  }
  take();
  return digits;
}

/** Behind single digits, "double" and "triple", said or written one by one. */
function dictatedEnd(words: readonly TimedWord[], from: number): number {
  let at = from;
  for (; at < words.length; at++) {
    const word = plain(words[at]?.text ?? '');
    const kind = cardinalKind(word);
    const digit = kind === 'zero' || (kind === 'figures' && word.length === 1) || isUnitDigit(word);
    if (!digit && kind !== 'repeat') break;
    if (endsSentence(words[at]?.text ?? '') && !isDigitWord(words[at + 1])) return at + 1;
  }
  // "Double" belongs to what follows it.
  while (at > from && cardinalKind(plain(words[at - 1]?.text ?? '')) === 'repeat') at -= 1;
  return at;
}

function runEnd(words: readonly TimedWord[], from: number): number {
  let at = from;
  for (; at < words.length; at++) {
    const text = words[at]?.text ?? '';
    const parts = plain(text).split(/[-–]/);
    const kinds = parts.map((part) => cardinalKind(part.replaceAll(',', '')));
    const joins = plain(text) === 'and' || plain(text) === 'point';
    if (joins) {
      const before = at > from ? cardinalKind(plain(words[at - 1]?.text ?? '')) : undefined;
      const next = words[at + 1];
      const goesOn = plain(text) === 'point' ? before !== undefined : before === 'scale';
      if (!goesOn || !next || cardinalKind(plain(next.text)) === undefined) break;
      continue;
    }
    if (kinds.some((kind) => kind === undefined)) break;
    // "Oh" is a digit only beside digits, and "double" only before one.
    if (at === from && (plain(text) === 'oh' || plain(text) === 'o')) break;
    if (kinds.at(-1) === 'repeat' && !isDigitWord(words[at + 1])) break;
    if (/[,.;:!?…]$/.test(text)) return at + 1;
  }
  return at;
}

function isUnitDigit(word: string): boolean {
  return cardinalKind(word) === 'unit' && /^\d$/.test(normalizeNumbers(word).replace('one', '1'));
}

function isDigitWord(word: TimedWord | undefined): boolean {
  const text = plain(word?.text ?? '');
  return cardinalKind(text) === 'zero' || isUnitDigit(text) || /^\d$/.test(text);
}
