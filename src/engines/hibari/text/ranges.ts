import type { Rewrite } from './dates-and-times.js';
import { NUMBER } from './phrase-table.js';

const DAYS: Readonly<Record<string, string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};
const DAY = '(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)';
const DAY_PAIR = new RegExp(`(?<![\\p{L}\\p{N}_])(${DAY})\\.?\\s?([-–&/]|and|or)\\s?(${DAY})(?![\\p{L}\\p{N}_])`, 'gu');

const DAY_BEFORE_TIME = new RegExp(
  `(?<![\\p{L}\\p{N}_])(${DAY})\\.?(?= \\d{1,2}(?::\\d{2}|\\s?[-–]\\s?\\d|\\s?[AaPp]\\.?[Mm]))`,
  'gu',
);

const TIME = '\\d{1,2}(?::\\d{2})?';
const HALF = '[ap]\\.?m\\b\\.?';
/** "9am-5pm", "9:30-11:00": at least one side is plainly a time. */
const TIMES = new RegExp(
  `(?<![\\w.:/-])(${TIME}\\s?${HALF}|\\d{1,2}:\\d{2})\\s?[-–]\\s?(?=${TIME}(?!\\d)(?:\\s?${HALF})?)`,
  'giu',
);
const MONEY = new RegExp(`([$£€])(${NUMBER})\\s?[-–]\\s?\\1?(?=(${NUMBER}))`, 'gu');
const PERCENT = /(?<![\p{L}\p{N}_.-])(\d{1,3})%?\s?[-–]\s?(?=\d{1,3}\s?%)/gu;
/** Two plain numbers with a dash between them. */
const NUMBERS = /(?<![\p{L}\p{N}_.-])(\d{1,4})\s?[-–]\s?(\d{1,4})(?![\p{L}\p{N}_%-]|\.\d)/gu;

/** Ranges whose ends are more than a number, before the ends are put into words: "$10-$15", "9am-5pm", "Mon-Fri". */
export const speakSpans: Rewrite = (text) =>
  text
    .replace(DAY_PAIR, (_, from: string, sign: string, to: string) => {
      const word = sign === '&' || sign === 'and' ? 'and' : sign === '/' || sign === 'or' ? 'or' : 'to';
      return `${fullDay(from)} ${word} ${fullDay(to)}`;
    })
    .replace(DAY_BEFORE_TIME, (_, day: string) => fullDay(day))
    .replace(TIMES, '$1 to ')
    .replace(MONEY, (_, sign: string, from: string) => `${from.includes('.') ? sign : ''}${from} to ${sign}`)
    .replace(PERCENT, '$1 to ');

/** "3-5" → "3 to 5". */
export const speakRanges: Rewrite = (text) => text.replace(NUMBERS, '$1 to $2');

function fullDay(short: string): string {
  return DAYS[short.slice(0, 3).toLowerCase()] ?? short;
}
