import type { Rewrite } from './dates-and-times.js';
import { anyOf, NUMBER } from './phrase-table.js';

const DOLLARS: Readonly<Record<string, string>> = {
  US: 'U.S',
  C: 'Canadian',
  CA: 'Canadian',
  A: 'Australian',
  AU: 'Australian',
};
const CODES: Readonly<Record<string, readonly [string, string]>> = {
  USD: ['U.S dollar', 'U.S dollars'],
  CAD: ['Canadian dollar', 'Canadian dollars'],
  AUD: ['Australian dollar', 'Australian dollars'],
  EUR: ['euro', 'euros'],
  GBP: ['pound', 'pounds'],
};
const UNITS: Readonly<Record<string, string>> = { $: 'dollar', '£': 'pound', '€': 'euro' };

/** What a price or a rate may be per. */
const PER: Readonly<Record<string, string>> = {
  lb: 'pound',
  kg: 'kilogram',
  oz: 'ounce',
  g: 'gram',
  gal: 'gallon',
  h: 'hour',
  hr: 'hour',
  hour: 'hour',
  min: 'minute',
  minute: 'minute',
  s: 'second',
  sec: 'second',
  second: 'second',
  day: 'day',
  night: 'night',
  wk: 'week',
  week: 'week',
  mo: 'month',
  month: 'month',
  yr: 'year',
  year: 'year',
  person: 'person',
  seat: 'seat',
  user: 'user',
  item: 'item',
  mile: 'mile',
  mi: 'mile',
  km: 'kilometer',
  ticket: 'ticket',
  call: 'call',
  dozen: 'dozen',
  'sq ft': 'square foot',
};

const SIGN_BEHIND = /(?<![\p{L}\p{N}_.,$£€])(\d+(?:[.,]\d{2})?) ?([£€])(?!\d)/gu;
const AT_PRICE = /\s@\s(?=[$£€]?\d)/gu;
const DECIMAL_COMMA = /([€£])(\d+),(\d{2})(?!\d)/gu;
const FOREIGN_DOLLAR = new RegExp(`(?<![\\p{L}\\p{N}_])(US|CA?|AU?)\\$(${NUMBER})`, 'gu');
const CODE_AFTER = new RegExp(
  `(?<![\\p{L}\\p{N}_.$£€])(${NUMBER}) ?(${anyOf(Object.keys(CODES))})(?![\\p{L}\\p{N}_])`,
  'gu',
);
const PRICE_PER = new RegExp(`(?<=\\d)\\s?/\\s?(${anyOf(Object.keys(PER))})(?![\\p{L}\\p{N}_/])`, 'gu');
/** Function words after an amount: "a $5 off" is not an amount that describes a thing. */
const NO_NOUN = 'off|or|and|for|is|was|in|on|at|to|per|of|with|less|more|each|if|that';
const DESCRIBING = new RegExp(
  `\\b([Aa]n?|another|[Ee]very) ([$£€])(${NUMBER})(?: ?(hundred|thousand|million|billion))?[ -](?!(?:${NO_NOUN})\\b)(?=[a-z])`,
  'gu',
);

/** Amounts by their place: "a $5 bill" → "a 5 dollar bill", "$5/month" → "$5 per month", "US$40" → "40 U.S dollars". */
export const speakPrices: Rewrite = (text) =>
  text
    .replace(SIGN_BEHIND, '$2$1')
    .replace(AT_PRICE, ' at ')
    .replace(DECIMAL_COMMA, '$1$2.$3')
    .replace(
      FOREIGN_DOLLAR,
      (_, land: string, amount: string) => `${amount} ${DOLLARS[land] ?? ''} dollar${amount === '1' ? '' : 's'}`,
    )
    .replace(
      CODE_AFTER,
      (_, amount: string, code: string) => `${amount} ${CODES[code]?.[amount === '1' ? 0 : 1] ?? code}`,
    )
    .replace(PRICE_PER, (_, unit: string) => ` per ${PER[unit] ?? unit}`)
    .replace(DESCRIBING, (whole, article: string, sign: string, amount: string, size: string | undefined) => {
      const [dollars = '', cents = '00'] = amount.split('.');
      if (size === undefined && cents !== '00') return whole;
      return `${article} ${size === undefined ? dollars : `${amount} ${size}`} ${UNITS[sign] ?? ''} `;
    });
