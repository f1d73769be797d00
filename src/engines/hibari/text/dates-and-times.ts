import { cardinal, ordinal } from './number-words.js';
import {
  anyOf,
  NOT_AFTER_WORD,
  NOT_AFTER_WORD_OR_DOT,
  NOT_BEFORE_WORD,
  NOT_INSIDE,
  type PhraseTables,
} from './phrase-table.js';

/** Rewrites one kind of phrase into words. */
export type Rewrite = (text: string) => string;

const CLOCK = /\b(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s?([AaPp])\.?[Mm]\.?(?![A-Za-z]))?(?!\d)/gu;
const HOUR = /(?<![\w.:/$£€-])(\d{1,2})\s?([AaPp])(?:\.[Mm]\.?|[Mm])(?![A-Za-z])/gu;

/** "7:30 pm" → "seven thirty P.M.", "09:05" → "nine oh five", "6pm" → "six P.M.". */
export const speakTimes: Rewrite = (text) =>
  text
    .replace(
      CLOCK,
      (whole, hour: string, minute: string, second: string | undefined, half: string | undefined, ...rest) => {
        if (Number(hour) > 24 || Number(minute) > 59 || Number(second ?? 0) > 59) return whole;
        const words = [cardinal(hour)];
        if (Number(minute) > 0) words.push(Number(minute) < 10 ? `oh ${cardinal(minute)}` : cardinal(minute));
        else if (half === undefined && second === undefined) words.push("o'clock");
        if (second !== undefined) words.push(`and ${cardinal(second)} ${Number(second) === 1 ? 'second' : 'seconds'}`);
        return `${words.join(' ')}${halfOfDay(half, followedByStop(rest, whole))}`;
      },
    )
    .replace(HOUR, (whole, hour: string, half: string, ...rest) =>
      Number(hour) > 12 ? whole : `${cardinal(hour)}${halfOfDay(half, followedByStop(rest, whole))}`,
    );

/** With full stops between the letters the lexicon spells them; the last one must not double that of the sentence. */
function halfOfDay(letter: string | undefined, stopFollows: boolean): string {
  return letter === undefined ? '' : ` ${letter.toUpperCase()}.M${stopFollows ? '' : '.'}`;
}

function followedByStop(rest: readonly unknown[], whole: string): boolean {
  const [offset, text] = rest;
  return typeof offset === 'number' && typeof text === 'string' && text.charAt(offset + whole.length) === '.';
}

const FRACTION_NAMES = ['', '', 'half', 'third', 'quarter', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

/** "2024-03-05", "3/5/2024", "March 5th, 2024", "5 March", and "3/5" as a fraction, a date or a slash. */
export function dateRewrites(tables: PhraseTables): { numeric: Rewrite; named: Rewrite; fractions: Rewrite } {
  const monthNames = Object.values(tables.months);
  const shortNames = Object.keys(tables.months).map((name) => name.charAt(0).toUpperCase() + name.slice(1));
  const month = anyOf([...monthNames, ...shortNames, 'Sept']);
  const isoDate = /\b(\d{4})-(\d{2})-(\d{2})\b/gu;
  const slashDate = /\b(\d{1,2})\/(\d{1,2})\/(\d{4}|\d{2})\b/gu;
  const monthDay = new RegExp(
    `${NOT_AFTER_WORD}(${month})\\.? (\\d{1,2})(?:st|nd|rd|th)?${NOT_BEFORE_WORD}(?![:%]|\\.\\d)(,? \\d{4}\\b)?`,
    'gu',
  );
  const dayMonth = new RegExp(
    `${NOT_AFTER_WORD}(the )?(\\d{1,2})(?:st|nd|rd|th)? (?:of )?(${month})${NOT_BEFORE_WORD}`,
    'gu',
  );
  const days = new RegExp(
    `${NOT_AFTER_WORD}(${month})\\.? (\\d{1,2})\\s?[-–]\\s?(\\d{1,2})${NOT_BEFORE_WORD}(?![:%]|\\.\\d)`,
    'gu',
  );
  const fraction = new RegExp(`${NOT_AFTER_WORD_OR_DOT}(?<!/)(\\b[Aa] )?(\\d{1,2})/(\\d{1,2})${NOT_INSIDE}`, 'gu');

  const fullName = (name: string) => tables.months[name.slice(0, 3).toLowerCase()] ?? name;
  const date = (monthNumber: number, day: number, yearText?: string) => {
    const name = monthNames[monthNumber - 1];
    if (name === undefined || day < 1 || day > 31) return undefined;
    return `${name} ${ordinal(String(day))}${yearText === undefined ? '' : `, ${yearText}`}`;
  };
  const monthFirst = (a: number, b: number, yearText?: string) =>
    a <= 12 ? date(a, b, yearText) : date(b, a, yearText);

  return {
    numeric: (text) =>
      text
        .replace(isoDate, (whole, y: string, m: string, d: string) => date(Number(m), Number(d), y) ?? whole)
        .replace(slashDate, (whole, a: string, b: string, y: string) => {
          const century = Number(y) > 30 ? '19' : '20';
          return monthFirst(Number(a), Number(b), y.length === 2 ? century + y : y) ?? whole;
        }),
    named: (text) =>
      text
        .replace(days, (whole, name: string, from: string, to: string) =>
          isDay(from) && isDay(to) ? `${fullName(name)} ${ordinal(from)} to ${ordinal(to)}` : whole,
        )
        .replace(monthDay, (whole, name: string, day: string, yearText: string | undefined) =>
          isDay(day) ? `${fullName(name)} ${ordinal(day)}${yearText ?? ''}` : whole,
        )
        .replace(dayMonth, (whole, _the, day: string, name: string) =>
          isDay(day) ? `the ${ordinal(day)} of ${fullName(name)}` : whole,
        ),
    fractions: (text) =>
      text.replace(fraction, (_, article: string | undefined, a: string, b: string) => {
        if (article !== undefined && a === '1' && Number(b) <= 10) return `${article}${FRACTION_NAMES[Number(b)] ?? b}`;
        const before = article ?? '';
        const top = Number(a);
        const bottom = Number(b);
        if ((a === '24' && b === '7') || (a === '50' && b === '50')) return `${before}${a} ${b}`;
        if (top > 0 && top < bottom && bottom <= 10) return before + fractionWords(top, bottom);
        return before + ((top <= 12 ? date(top, bottom) : undefined) ?? `${a} slash ${b}`);
      }),
  };
}

function isDay(day: string): boolean {
  return Number(day) >= 1 && Number(day) <= 31;
}

function fractionWords(top: number, bottom: number): string {
  if (bottom === 2) return 'one half';
  return `${top} ${FRACTION_NAMES[bottom] ?? ''}${top === 1 ? '' : 's'}`;
}
