import type { Lexicon } from './lexicon.js';
import { cardinal, decimal, digitByDigit, ordinal, year } from './number-words.js';
import { ED, ING, S } from './suffixes.js';

/** Unit and hundredth of the currencies whose sign stands before the number. */
const CURRENCIES: Readonly<Record<string, readonly [string, string]>> = {
  $: ['dollar', 'cent'],
  '£': ['pound', 'pence'],
  '€': ['euro', 'cent'],
};

const SUFFIX = /(?:ing|'d|ed|'s|st|nd|rd|th|s)$/;

export function isCurrencySign(text: string): boolean {
  return Object.hasOwn(CURRENCIES, text);
}

/** Whether a token is digits with separators, perhaps with a suffix ("1990s", "3rd") or, at the head, a minus sign. */
export function isNumber(text: string, isHead: boolean): boolean {
  const body = text.replace(SUFFIX, '');
  return /\d/.test(text) && (isHead ? /^-?[\d,.]*$/ : /^[\d,.]*$/).test(body);
}

/**
 * Reading of a number as misaki (Apache-2.0) would give it: four digits as a year, amounts with their currency, numbers
 * inside a longer word ("B52", "A-380") the way codes are read.
 */
export function readNumber(
  lexicon: Lexicon,
  text: string,
  currency: string | undefined,
  isHead: boolean,
): string | undefined {
  const suffix = /[a-z']+$/.exec(text)?.[0] ?? '';
  const unsigned = text.slice(0, text.length - suffix.length).replace(/^-/, '');
  const negative = text.startsWith('-');
  const readings: (string | undefined)[] = negative ? [lexicon.lookUp('minus')] : [];
  const money = currency === undefined ? undefined : CURRENCIES[currency];
  if (money !== undefined && isAmount(unsigned) && isHead) readings.push(...amount(lexicon, unsigned, money));
  else readings.push(...wordsOf(numberWords(unsigned, suffix, money !== undefined, isHead, negative), lexicon));
  const said = readings.filter((reading) => reading !== undefined && reading !== '').join(' ');
  if (said === '') return undefined;
  if (suffix === 's' || suffix === "'s") return S.attach(said);
  if (suffix === 'ed' || suffix === "'d") return ED.attach(said);
  return suffix === 'ing' ? ING.attach(said) : said;
}

function numberWords(number: string, suffix: string, isMoney: boolean, isHead: boolean, negative: boolean): string {
  const plain = number.replaceAll(',', '');
  const isOrdinal = /^(?:st|nd|rd|th)$/.test(suffix);
  if (/^\d+$/.test(number) && isOrdinal) return ordinal(number);
  if (/^\d{4}$/.test(number) && !negative && !isMoney) return year(number);
  if (!isHead && !number.includes('.')) return codeWords(plain);
  if (!isHead || number.split('.').length > 2) return plain.split('.').map(dottedPart).join(' ');
  // Nobody writes a zero in front of a quantity: it is a code, such as 02134.
  if (/^0\d+$/.test(number) && !isMoney) return digitByDigit(number);
  if (/^\d+$/.test(plain)) return isOrdinal ? ordinal(plain) : cardinal(plain);
  if (plain.startsWith('.')) return `point ${digitByDigit(plain.slice(1))}`;
  return decimal(plain);
}

/** A number inside a longer word: long ones digit by digit, three digits as one and two ("seven forty-seven"). */
function codeWords(digits: string): string {
  if (digits.startsWith('0') || digits.length > 3) return digitByDigit(digits);
  if (digits.length < 3 || digits.endsWith('00')) return digits === '' ? '' : cardinal(digits);
  const first = cardinal(digits.charAt(0));
  return digits[1] === '0' ? `${first} O ${cardinal(digits.charAt(2))}` : `${first} ${cardinal(digits.slice(1))}`;
}

/** One part of a version, an address or a section number: "10.2.34". */
function dottedPart(digits: string): string {
  if (digits === '') return '';
  const spelled = digits.startsWith('0') || (digits.length !== 2 && /[1-9]/.test(digits.slice(1)));
  return spelled ? digitByDigit(digits) : cardinal(digits);
}

function isAmount(number: string): boolean {
  const parts = number.split('.');
  return parts.length < 2 || (parts.length === 2 && (parts[1] ?? '').length < 3);
}

function amount(lexicon: Lexicon, number: string, units: readonly [string, string]): (string | undefined)[] {
  const [whole = '', hundredths = ''] = number.replaceAll(',', '').split('.');
  const parts = [
    { digits: whole || '0', unit: units[0] },
    { digits: hundredths.length === 1 ? `${hundredths}0` : hundredths, unit: units[1] },
  ].filter((part) => /[1-9]/.test(part.digits));
  const said = parts.length > 0 ? parts : [{ digits: '0', unit: units[0] }];
  return said.flatMap(({ digits, unit }, i) => [
    i > 0 ? lexicon.lookUp('and') : undefined,
    ...wordsOf(cardinal(digits), lexicon),
    Number(digits) !== 1 && unit !== 'pence' ? lexicon.plural(unit) : lexicon.lookUp(unit),
  ]);
}

function wordsOf(words: string, lexicon: Lexicon): (string | undefined)[] {
  return words
    .split(/[ -]/)
    .filter((word) => word !== '')
    .map((word) => lexicon.lookUp(word, '', word === 'point' || word === 'O' ? -2 : undefined));
}

/** "five" as in an amount whose number had no place for its currency: adds "dollars". */
export function withCurrency(lexicon: Lexicon, phonemes: string, currency: string | undefined): string {
  const unit = currency === undefined ? undefined : CURRENCIES[currency]?.[0];
  const plural = unit === undefined ? undefined : lexicon.plural(unit);
  return plural === undefined ? phonemes : `${phonemes} ${plural}`;
}
