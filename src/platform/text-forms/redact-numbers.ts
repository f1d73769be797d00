import type { Finding } from './findings.js';
import { passesLuhn } from './luhn.js';
import { digitsOf, numberRuns } from './spoken-numbers.js';
import { plain, type TimedWord } from './words.js';

/** Digits that are said or written in a row, by the word that they are in. */
export type Digits = { readonly from: number; readonly to: number; readonly text: string };

/** What tells which number it is, so many words before it. */
const contextWords = 7;
const context = {
  ssn: /\b(?:social security|social|ssn)\b/,
  phone: /\b(?:phone|telephone|mobile|cell|call|reach|text|fax|number is|call back|callback)\b/,
  security_code: /\b(?:cvv|cvc|cvv2|security code|verification code on the (?:back|card))\b/,
  card_expiry: /\b(?:expires?|expiring|expiry|expiration|valid (?:until|thru|through))\b/,
  date_of_birth: /\b(?:born|birth|birthday|birthdate|dob|d\.o\.b)\b/,
  notPhone: /\b(?:order|tracking|invoice|account|reference|confirmation|ticket|serial|case|booking|part)\b/,
} as const;

const months =
  'january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec';
const monthName = new RegExp(`^(?:${months})$`);
const ordinal =
  /^(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\w+teenth|twentieth|thirtieth|(?:twenty|thirty)-\w+)$/;
const numericDate = /^\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}$/;
/** Words between the parts of one number: "555 dash 0134". */
export const connector = /^(?:dash|hyphen|space|dot|area|code)$/;

/** Cards, their codes and dates, phone and social security numbers, and dates of birth, in words or figures. */
export function findNumbers(words: readonly TimedWord[]): Finding[] {
  const dates = findDates(words);
  const sequences = digitSequences(words);
  const inDate = (at: Digits): boolean => dates.some(({ from, to }) => at.from < to && from < at.to);
  return [...dates, ...sequences.filter((each) => !inDate(each)).flatMap((each) => kindOf(words, each))];
}

function kindOf(words: readonly TimedWord[], { from, to, text }: Digits): Finding[] {
  const before = textBefore(words, from);
  const found = (what: Finding['what']): Finding[] => [{ what, from, to }];
  if (text.length >= 13 && text.length <= 19 && passesLuhn(text)) return found('card');
  if (
    text.length === 9 &&
    isSocialSecurity(text) &&
    (context.ssn.test(before) || looksLike(words, from, to, [3, 2, 4]))
  )
    return found('ssn');
  if ((text.length === 3 || text.length === 4) && context.security_code.test(before)) return found('security_code');
  if (text.length >= 3 && text.length <= 6 && context.card_expiry.test(before)) return found('card_expiry');
  if (text.length === 4 && context.ssn.test(before)) return found('ssn');
  const plus = words[from]?.text.startsWith('+') === true;
  if (plus && text.length >= 8 && text.length <= 15) return found('phone');
  const national = text.length === 11 && text.startsWith('1') ? text.slice(1) : text;
  if (national.length === 10 && /^[2-9]..[2-9]/.test(national) && !context.notPhone.test(before)) return found('phone');
  if (text.length >= 7 && text.length <= 12 && context.phone.test(before) && !context.notPhone.test(before))
    return found('phone');
  if (text.length === 7 && looksLike(words, from, to, [3, 4])) return found('phone');
  return [];
}

/** Whether the number is called something that tells nobody who somebody is: an order, a booking. */
export function isCalledOtherwise(words: readonly TimedWord[], { from }: Digits): boolean {
  return context.notPhone.test(textBefore(words, from));
}

/** Whether the word may belong to a date: a month, a day. */
export function isDateWord({ text }: TimedWord): boolean {
  const word = plain(text);
  return monthName.test(word) || ordinal.test(word) || numericDate.test(word) || /^\d{1,2}\/\d{2,4}$/.test(word);
}

export function digitSequences(words: readonly TimedWord[]): Digits[] {
  const pieces: Digits[] = numberRuns(words).map(({ from, to }) => ({
    from,
    to,
    text: digitsOf(words.slice(from, to)),
  }));
  // Written with signs between: "(555) 010-4477", "4111-1111-1111-1111", "+44".
  for (const [at, { text }] of words.entries()) {
    const bare = plain(text);
    const covered = pieces.some(({ from, to }) => at >= from && at < to);
    if (!covered && /^\+?[\d(][\d().\-–]*\d\)?$|^\+?\d$/.test(bare) && !numericDate.test(bare))
      pieces.push({ from: at, to: at + 1, text: bare.replaceAll(/\D/g, '') });
  }
  pieces.sort((a, b) => a.from - b.from);
  const sequences: Digits[] = [];
  for (const piece of pieces) {
    const last = sequences.at(-1);
    const between = last ? words.slice(last.to, piece.from) : [];
    const goesOn = last && between.every(({ text }) => connector.test(plain(text)));
    const parted = last && /[.!?;:]$/.test(words[last.to - 1]?.text ?? '') && last.text.length > 4;
    if (last && goesOn && !parted)
      sequences[sequences.length - 1] = { from: last.from, to: piece.to, text: last.text + piece.text };
    else sequences.push(piece);
  }
  return sequences;
}

function findDates(words: readonly TimedWord[]): Finding[] {
  const runs = numberRuns(words);
  const dates: Finding[] = [];
  for (let at = 0; at < words.length; at++) {
    const to = dateEnd(words, at, runs);
    if (to === undefined) continue;
    const before = textBefore(words, at);
    if (context.date_of_birth.test(before)) dates.push({ what: 'date_of_birth', from: at, to });
    else if (context.card_expiry.test(before)) dates.push({ what: 'card_expiry', from: at, to });
    at = to - 1;
  }
  return dates;
}

/** "May 3rd, 1984", "the third of May nineteen eighty four", "3 May 84", "05/03/1984"; "May" alone is no date. */
function dateEnd(words: readonly TimedWord[], from: number, runs: ReturnType<typeof numberRuns>): number | undefined {
  const at = (index: number): string => plain(words[index]?.text ?? '');
  if (numericDate.test(at(from)) || /^\d{1,2}\/\d{2,4}$/.test(at(from))) return from + 1;
  const numberEnd = (index: number): number | undefined => {
    if (ordinal.test(at(index))) return index + 1;
    const run = runs.find((each) => index >= each.from && index < each.to);
    if (run && ordinal.test(at(run.to))) return run.to + 1;
    return run?.to;
  };
  let end: number | undefined;
  if (monthName.test(at(from))) {
    end = numberEnd(from + 1);
    if (end === undefined) return undefined;
  } else {
    const day = numberEnd(from);
    if (day === undefined) return undefined;
    const month = at(day) === 'of' ? day + 1 : day;
    if (!monthName.test(at(month))) return undefined;
    end = month + 1;
  }
  return numberEnd(end) ?? end;
}

function textBefore(words: readonly TimedWord[], at: number): string {
  return words
    .slice(Math.max(0, at - contextWords), at)
    .map(({ text }) => plain(text))
    .join(' ');
}

/** Area, group and serial number that are given out (SSA, POMS RM 10201.035). */
function isSocialSecurity(digits: string): boolean {
  return !/^(?:000|666|9)/.test(digits) && digits.slice(3, 5) !== '00' && digits.slice(5) !== '0000';
}

/** Written in groups of these sizes, "555-0134", or said in them, with a comma between. */
function looksLike(words: readonly TimedWord[], from: number, to: number, sizes: readonly number[]): boolean {
  const groups: string[] = [''];
  for (const [index, word] of words.slice(from, to).entries()) {
    const parts = /\d/.test(word.text)
      ? word.text.split(/[-–.]/).map((part) => part.replaceAll(/\D/g, ''))
      : [digitsOf([word])];
    const [first = '', ...rest] = parts;
    groups.push((groups.pop() ?? '') + first, ...rest);
    if (/,$/.test(word.text) && index < to - from - 1) groups.push('');
  }
  const lengths = groups.map(({ length }) => length).filter((length) => length > 0);
  return lengths.length === sizes.length && lengths.every((length, index) => length === sizes[index]);
}
