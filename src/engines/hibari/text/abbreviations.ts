import type { Rewrite } from './dates-and-times.js';
import { ordinal } from './number-words.js';
import { anyOf, NOT_AFTER_WORD, NOT_AFTER_WORD_OR_DOT, NOT_BEFORE_WORD, type PhraseTables } from './phrase-table.js';

/** Words of their own ("I said no."), which abbreviate only before a number. */
const NUMBERED: ReadonlySet<string> = new Set([
  'no.',
  'nos.',
  'fig.',
  'Fig.',
  'ch.',
  'Ch.',
  'vol.',
  'Vol.',
  'pp.',
  'p.',
  'ext.',
  'Ext.',
  'Sec.',
  'sec.',
]);
/** Words of their own ("in the Sun.", "I met Ed."), which abbreviate only where the sentence goes on. */
const AMBIGUOUS: ReadonlySet<string> = new Set(['Sun.', 'Sat.', 'Mon.', 'Wed.', 'Mar.', 'ed.', 'eds.', 'est.']);

/** "Prof. Lee" → "Professor Lee", "5 Main St." → "5 Main Street.", "No. 5" → "Number 5", "#5" → "number 5". */
export function abbreviationRewrite({ titles, abbreviations }: PhraseTables): Rewrite {
  const title = new RegExp(`${NOT_AFTER_WORD}(${anyOf(Object.keys(titles))})\\.? (?=[A-Z])`, 'gu');
  const plain = Object.keys(abbreviations).filter((word) => !AMBIGUOUS.has(word) && !NUMBERED.has(word));
  const numbered = Object.keys(abbreviations).filter((word) => NUMBERED.has(word));
  const ambiguous = Object.keys(abbreviations).filter((word) => AMBIGUOUS.has(word));
  const short = new RegExp(
    `${NOT_AFTER_WORD_OR_DOT}(${anyOf(plain)}|(?:${anyOf(numbered)})(?= ?\\d)|(?:${anyOf(ambiguous)})(?= ?[\\p{L}\\d,]))${NOT_BEFORE_WORD}`,
    'gu',
  );
  /** After a name and not before one, "Dr." is a street. */
  const drive = /(?<=\b[A-Z]\p{L}+ )Dr\.?(?=$|[,;]|\.$| +\p{Ll})/gu;
  const compass =
    /(?<=\b(?:St|Ave|Rd|Blvd|Dr|Ln|Street|Avenue|Road|Boulevard|Drive|Lane)\.? )(N|S)?([EW])?(?<=[NSEW])\b\.?/gu;
  const limit = /(?<!\d ?)\b([Mm])(in|ax)\. (?=\p{L}|[$£€]?\d)/gu;
  const numero = /\b(No|Nos)\. ?(?=\d)/gu;
  const hash = /(?<![\w&])#(?=\d)/gu;
  return (text) =>
    text
      .replace(compass, (_, first: string | undefined, second: string | undefined) => compassPoint(first, second))
      .replace(limit, '$1$2imum ')
      .replace(drive, 'Drive')
      .replace(title, (_, word: string) => `${titles[word] ?? word} `)
      .replace(short, (whole, word: string, offset: number, all: string) => {
        const endsText = offset + whole.length === all.length && word.endsWith('.');
        return `${abbreviations[word] ?? word}${endsText ? '.' : ''}`;
      })
      .replace(numero, (_, word: string) => (word === 'No' ? 'Number ' : 'Numbers '))
      .replace(hash, 'number ');
}

const COMPASS: Readonly<Record<string, string>> = { N: 'North', S: 'South', E: 'East', W: 'West' };

function compassPoint(first: string | undefined, second: string | undefined): string {
  const [start = '', end = ''] = [COMPASS[first ?? ''], COMPASS[second ?? '']];
  return start === '' ? end : start + end.toLowerCase();
}

const ROMAN = '((?=[IVXLC])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))';
const ROMAN_VALUES: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10, L: 50, C: 100, D: 500, M: 1000 };

/** "Chapter IV" → "Chapter 4", "Henry VIII" → "Henry the eighth". */
export function romanNumeralRewrite({ romanCardinal, romanOrdinal }: PhraseTables): Rewrite {
  const after = (words: readonly string[]) =>
    new RegExp(`${NOT_AFTER_WORD}(${anyOf(words)}) ${ROMAN}${NOT_BEFORE_WORD}(?![.'’][\\p{L}\\p{N}_])`, 'gu');
  const cardinals = after(romanCardinal);
  const ordinals = after(romanOrdinal);
  return (text) =>
    text
      .replace(cardinals, (_, word: string, numeral: string) => `${word} ${romanValue(numeral)}`)
      .replace(ordinals, (_, word: string, numeral: string) => `${word} the ${ordinal(String(romanValue(numeral)))}`);
}

function romanValue(numeral: string): number {
  const values = Array.from(numeral, (letter) => ROMAN_VALUES[letter] ?? 0);
  return values.reduce((sum, value, i) => sum + ((values[i + 1] ?? 0) > value ? -value : value), 0);
}
