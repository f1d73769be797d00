import type { Rewrite } from './dates-and-times.js';
import {
  anyOf,
  NOT_AFTER_WORD,
  NOT_AFTER_WORD_OR_DOT,
  NOT_BEFORE_WORD,
  NUMBER,
  type PhraseTables,
} from './phrase-table.js';

const MAGNITUDES: Readonly<Record<string, string>> = { k: 'thousand', m: 'million', b: 'billion' };
const MAGNITUDE = 'hundred|thousand|million|billion|trillion|[kKmMbB](?![\\p{L}\\p{N}_])';

/**
 * Amounts that the lexicon cannot read by itself: "$3 million", "50¢", "¥200". Plain "$5.20" stays: its sign decides how the
 * number is read.
 */
export function moneyRewrite({ currency }: PhraseTables): Rewrite {
  const large = new RegExp(`([$£€])(${NUMBER})\\s?(${MAGNITUDE})`, 'gu');
  const cents = new RegExp(`${NOT_AFTER_WORD_OR_DOT}(${NUMBER})\\s?¢`, 'gu');
  const foreign = new RegExp(`${NOT_AFTER_WORD}([¥₹₩]|Rs\\.?|USD|EUR|GBP)\\s?(${NUMBER})(?:\\s?(${MAGNITUDE}))?`, 'gu');
  const unit = (sign: string, amount: string) => plural(amount, currency[sign.replace(/\.$/, '')] ?? ['', '']);
  const many = (sign: string) => currency[sign.replace(/\.$/, '')]?.[1] ?? '';
  return (text) =>
    text
      .replace(large, (_, sign: string, amount: string, size: string) => `${amount} ${magnitude(size)} ${many(sign)}`)
      .replace(cents, (_, amount: string) => `${amount} ${unit('¢', amount)}`)
      .replace(foreign, (_, sign: string, amount: string, size: string | undefined) =>
        size === undefined ? `${amount} ${unit(sign, amount)}` : `${amount} ${magnitude(size)} ${many(sign)}`,
      );
}

/** "5 km" → "5 kilometers", "20°C" → "20 degrees Celsius". */
export function unitRewrite({ units }: PhraseTables): Rewrite {
  const degrees = new RegExp(`${NOT_AFTER_WORD_OR_DOT}(-?${NUMBER})\\s?°\\s?([CF])?${NOT_BEFORE_WORD}`, 'gu');
  const measure = new RegExp(
    `${NOT_AFTER_WORD_OR_DOT}(?<!/|\\p{L}-)(\\b(?:[Aa]n?|another) )?(-?${NUMBER}(?:/\\d| and (?:an?|\\d) \\p{L}+)?)\\s?(${anyOf(Object.keys(units))})${NOT_BEFORE_WORD}(?:\\.(?=,|\\s\\p{Ll}))?`,
    'gu',
  );
  return (text) =>
    text
      .replace(degrees, (_, amount: string, scale: string | undefined) => {
        const name = scale === undefined ? '' : scale === 'C' ? ' Celsius' : ' Fahrenheit';
        return `${amount} ${plural(amount, ['degree', 'degrees'])}${name}`;
      })
      .replace(measure, (_, article: string | undefined, amount: string, unit: string) => {
        const [one, many] = units[unit] ?? [unit, unit];
        // "a 16 ounce cup", "1/4 pound", but "2 and a half pounds".
        const single = article !== undefined || /^\d+\/\d$/.test(amount);
        return `${article ?? ''}${amount} ${single ? one : plural(amount, [one, many])}`;
      });
}

function magnitude(written: string): string {
  return MAGNITUDES[written.toLowerCase()] ?? written;
}

function plural(amount: string, [one, many]: readonly [string, string]): string {
  return ['1', '-1'].includes(amount) ? one : many;
}
