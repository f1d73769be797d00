import type { Rewrite } from './dates-and-times.js';
import { cardinal, digitByDigit, year } from './number-words.js';

const CODE_RUN = '((?=[A-Z\\d-]*\\d)[A-Z\\d]+(?:-[A-Z\\d]+)*)(?![\\p{L}\\p{N}_]|[-.,:/]\\d|\\s?%)';
const CODE_NAME =
  '(?:zip|postal|area|access|confirmation|booking|tracking|gift|promo|verification|security) code|code|zip|PIN|SSN|SKU|ISBN|VIN|ref:?';
const NUMBERED =
  'serial|licen[sc]e|plate|account|policy|card|ticket|case|tracking|reference|confirmation|membership|passport|P\\.O\\. Box|PO Box';
/** Words that announce a number which the listener writes down: "PIN is 4711", "card ending in 4242", "ticket number 12345". */
const ANNOUNCED = new RegExp(
  `\\b((?:(?:${CODE_NAME})(?: (?:number|ending|in|is|was))*|(?:${NUMBERED})(?: (?:number|no\\.|ending|in|with)(?: is)?)*):?) (#?)${CODE_RUN}`,
  'giu',
);
/** Shorter than this it is a quantity: "case 12 of 20". */
const SHORTEST_CODE = 3;
/** Numbers of places and machines: digits in pairs, as they are called. */
const NAMED =
  /\b(room|suite|apartment|apt\.?|unit|gate|flight|bus|highway|hwy\.?|route|interstate|boeing|airbus|extension|ext\.?|channel|model) (\d{3,4})(?![\p{L}\p{N}_]|[-.,:/]\d)/giu;
const EMERGENCY = /\b(call(?:ed|ing)?|dial(?:ed|ing)?|phone|ring) (\d11)\b/giu;
const ADDRESS = /(?<![\w.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\w]|\.\d)/gu;
const VERSION = /(?<![\w.])(v(?:ersion )?)?(\d{1,4}(?:\.\d{1,4}){2,3})(?![\w]|\.\d)/giu;
const SHORT_VERSION = /(?<![\w.])v(\d{1,3}(?:\.\d{1,3})*)(?![\w]|\.\d)/gu;
/** Groups of four as on a bank card, a social security number, an account number that begins with a country. */
const CARD = /(?<![\d.-])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?![\d.-])/gu;
const SOCIAL = /(?<![\d.-])\d{3}-\d{2}-\d{4}(?![\d-])/gu;
const BANK = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: [A-Z\d]{4}){1,7}(?: [A-Z\d]{1,3})?(?![\p{L}\p{N}])/gu;
const HASH = /(?<![\w&])#(?=[A-Z\d-]*\d)/gu;
/** Capitals and digits mixed, at least five, no run of capitals that could be a word: "AB-1204", "BA2490". */
const MIXED =
  /(?<![\p{L}\p{N}_.$£€-])(?=[A-Z\d-]*\d)(?=[A-Z\d-]*[A-Z])(?!\d+(?:st|nd|rd|th)\b)(?![A-Z\d-]*[A-Z]{4})[A-Z\d]+(?:-[A-Z\d]+)*(?![\p{L}\p{N}_]|-[\p{L}\p{N}_])/gu;
const FILE =
  /(?<![\w.])([A-Za-z][\w-]{0,60})\.(pdf|docx?|xlsx?|pptx?|png|jpe?g|gif|mp[34]|wav|txt|csv|zip|html?|json)(?![\w]|\.\w)/gu;

/** Codes, the numbers of rooms and flights, versions and network addresses, as they are dictated. */
export const speakCodes: Rewrite = (text) =>
  text
    .replace(CARD, (code) => dictated(code.replaceAll(' ', '-'), digitByDigit))
    .replace(SOCIAL, (code) => dictated(code, digitByDigit))
    .replace(BANK, (code) =>
      code
        .split(' ')
        .map((group) => Array.from(group, (c) => (/\d/.test(c) ? digitByDigit(c) : letter(c))).join(' '))
        .join(', '),
    )
    .replace(HASH, 'number ')
    .replace(ANNOUNCED, (whole, name: string, hash: string, code: string) =>
      code.toUpperCase() === code && code.length >= SHORTEST_CODE
        ? `${name} ${hash === '' ? '' : 'number '}${dictated(code, (digits) => digitByDigit(digits))}`
        : whole,
    )
    .replace(NAMED, (_, name: string, number: string) => `${name} ${inPairs(number)}`)
    .replace(EMERGENCY, (_, verb: string, number: string) => `${verb} ${digitByDigit(number)}`)
    .replace(ADDRESS, (whole, ...parts: string[]) =>
      parts.slice(0, 4).every((part) => Number(part) < 256) ? parts.slice(0, 4).map(digitByDigit).join(' dot ') : whole,
    )
    .replace(
      VERSION,
      (_, name: string | undefined, number: string) => `${name === undefined ? '' : 'version '}${inPoints(number)}`,
    )
    .replace(SHORT_VERSION, (_, number: string) => `version ${number.includes('.') ? inPoints(number) : number}`)
    .replace(
      FILE,
      (_, name: string, ending: string) =>
        `${name.replace(/[_-]/g, ' ')} dot ${Array.from(ending.toUpperCase()).join('.')}`,
    )
    .replace(MIXED, (code) => (code.replaceAll('-', '').length < 5 ? code : dictated(code, inPairs)));

/** Letters by name, digits by the given reading, a pause at each hyphen. */
function dictated(code: string, digits: (run: string) => string): string {
  return code
    .split('-')
    .map((part) =>
      (part.match(/\d+|\D/g) ?? [])
        .map((run) =>
          /\d/.test(run) ? (run.length < 3 && /[A-Z]/i.test(part) ? spokenPair(run) : digits(run)) : letter(run),
        )
        .join(' '),
    )
    .join(', ');
}

/** An "A" by itself would be taken for the article. */
function letter(capital: string): string {
  return capital === 'A' ? '[A](/ˈA/)' : capital;
}

function spokenPair(run: string): string {
  return run.startsWith('0') ? digitByDigit(run) : cardinal(run);
}

/** "101" → "one oh one", "747" → "seven forty-seven", "2490" → "twenty-four ninety", "300" → "three hundred". */
function inPairs(digits: string): string {
  if (digits.startsWith('0') || digits.length > 4) return digitByDigit(digits);
  if (digits.length === 4) return year(digits);
  if (digits.length < 3 || digits.endsWith('00')) return cardinal(digits);
  const rest = digits.slice(1);
  return `${cardinal(digits.charAt(0))} ${rest.startsWith('0') ? `oh ${cardinal(rest)}` : cardinal(rest)}`;
}

function inPoints(number: string): string {
  return number
    .split('.')
    .map((part) => spokenPair(part))
    .join(' point ');
}
