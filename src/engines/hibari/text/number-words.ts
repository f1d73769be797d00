import { tensWords, unitWords } from '../../../language/number-words.js';

/**
 * Numbers as English words. All take and give text, because a caller's number may be longer than a double can hold.
 */

const SCALES = ['', 'thousand', 'million', 'billion', 'trillion', 'quadrillion'] as const;
const IRREGULAR_ORDINALS: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
};

/** Beyond this nobody can follow the name of a number; it is read digit by digit. */
export const LONGEST_NAMED_DIGITS = SCALES.length * 3;

/** "1234" → "one thousand two hundred thirty-four". Digits only; more than 18 are read one by one. */
export function cardinal(digits: string): string {
  const significant = digits.replace(/^0+(?=\d)/, '');
  if (significant.length > LONGEST_NAMED_DIGITS) return digitByDigit(significant);
  const words: string[] = [];
  for (let end = significant.length, scale = 0; end > 0; end -= 3, scale++) {
    const group = Number(significant.slice(Math.max(0, end - 3), end));
    if (group > 0 || significant === '0')
      words.unshift(...belowThousand(group), ...(scale > 0 ? [SCALES[scale] ?? ''] : []));
  }
  return words.join(' ');
}

/** "407" → "four zero seven". */
export function digitByDigit(digits: string): string {
  return Array.from(digits, (digit) => unitWords[Number(digit)] ?? '').join(' ');
}

/** "23" → "twenty-third". */
export function ordinal(digits: string): string {
  const words = cardinal(digits);
  const start = Math.max(words.lastIndexOf(' '), words.lastIndexOf('-')) + 1;
  const last = words.slice(start);
  const changed = IRREGULAR_ORDINALS[last] ?? (last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`);
  return words.slice(0, start) + changed;
}

/** Four digits as a year is said: "1905" → "nineteen oh five", "2005" → "two thousand five", "1900" → "nineteen hundred". */
export function year(digits: string): string {
  if (digits.startsWith('0')) return digitByDigit(digits);
  const century = digits.slice(0, 2);
  const rest = Number(digits.slice(2));
  if (century.endsWith('0') && rest < 10) return cardinal(digits);
  if (rest === 0) return `${cardinal(century)} hundred`;
  return `${cardinal(century)} ${rest < 10 ? 'oh ' : ''}${cardinal(String(rest))}`;
}

/** "3.140" → "three point one four zero". */
export function decimal(text: string): string {
  const [whole = '', fraction = ''] = text.split('.');
  return cardinal(whole || '0') + (fraction === '' ? '' : ` point ${digitByDigit(fraction)}`);
}

function belowThousand(n: number): string[] {
  const words: string[] = [];
  if (n >= 100) words.push(unitWords[Math.floor(n / 100)] ?? '', 'hundred');
  const rest = n % 100;
  if (rest >= 20) {
    const tens = tensWords[Math.floor(rest / 10) - 2] ?? '';
    words.push(rest % 10 === 0 ? tens : `${tens}-${unitWords[rest % 10] ?? ''}`);
  } else if (rest > 0 || n === 0) {
    words.push(unitWords[rest] ?? '');
  }
  return words;
}
