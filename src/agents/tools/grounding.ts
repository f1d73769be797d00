import { digitWords, teenWords, tensWords } from '../../language/number-words.js';

const tens: readonly string[] = tensWords;
/** What a recogniser writes for a digit: only between digits. */
const homophones: Readonly<Record<string, string>> = {
  oh: '0',
  o: '0',
  to: '2',
  too: '2',
  for: '4',
  won: '1',
  ate: '8',
};
const repeats: Readonly<Record<string, number>> = { double: 2, triple: 3 };

/** A shorter number may well be worked out, or counted. */
const fewestDigits = 4;

/** Shorter words are in any sentence, or are codes that were worked out. */
const fewestLetters = 3;
/** Words of one stem begin alike: "booking" and "book", "Fridays" and "Friday". */
const stemLetters = 4;

/**
 * Whether a value of a call can come from what was said: a small model that lacks a city or an order number makes one up,
 * or takes it from its prompt. Of words one must have been said, of long numbers all digits, in figures or in words.
 * `known` are values that need not be said, such as those that the tool lists itself.
 */
export function isGrounded(value: unknown, said: string, known: ReadonlySet<unknown> = new Set()): boolean {
  if (Array.isArray(value)) return value.every((each) => isGrounded(each, said, known));
  if (typeof value === 'object' && value !== null)
    return Object.values(value).every((each) => isGrounded(each, said, known));
  if ((typeof value !== 'string' && typeof value !== 'number') || known.has(value)) return true;
  const text = String(value);
  const words = stems(text);
  if (words.length > 0) {
    const saidWords = new Set(stems(said));
    return words.some((word) => saidWords.has(word));
  }
  const digits = text.replace(/\D/g, '');
  // A date or a sentence is made of what was said rather than taken from it.
  const isNumber = digits.length >= fewestDigits && /^[+#\d\s().-]+$/.test(text) && !/^\d{4}-\d\d-\d\d/.test(text);
  return !isNumber || digitsOf(said).includes(digits);
}

/** Every value that a schema lists. */
export function listedValues(schema: unknown, found = new Set<unknown>()): ReadonlySet<unknown> {
  if (Array.isArray(schema)) for (const each of schema) listedValues(each, found);
  else if (typeof schema === 'object' && schema !== null) {
    const { enum: listed, const: single } = schema as { readonly enum?: unknown; readonly const?: unknown };
    for (const each of [...(Array.isArray(listed) ? listed : []), single]) found.add(each);
    for (const each of Object.values(schema)) listedValues(each, found);
  }
  return found;
}

function stems(text: string): readonly string[] {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words.filter((word) => word.length >= fewestLetters).map((word) => word.slice(0, stemLetters));
}

/** All digits that were said, in their order: "double five, oh, twenty one" is "55021". */
export function digitsOf(text: string): string {
  const words = text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  let digits = '';
  let times = 1;
  for (const [index, word] of words.entries()) {
    const repeat = repeats[word];
    if (repeat !== undefined) {
      times = repeat;
      continue;
    }
    const found = digitOf(word, words[index - 1], words[index + 1]);
    digits += found.repeat(times);
    times = 1;
  }
  return digits;
}

function digitOf(word: string, before: string | undefined, after: string | undefined): string {
  if (/^\d+$/.test(word)) return word;
  const unit = digitWords.indexOf(word);
  if (unit >= 0) return String(unit);
  if (teenWords.includes(word)) return String(10 + teenWords.indexOf(word));
  const ten = tens.indexOf(word);
  // "Twenty one" is two digits, and so is "twenty".
  if (ten >= 0) return digitWords.indexOf(after ?? '') > 0 ? String(ten + 2) : String((ten + 2) * 10);
  return isDigit(before) || isDigit(after) ? (homophones[word] ?? '') : '';
}

function isDigit(word: string | undefined): boolean {
  return word !== undefined && (/^\d+$/.test(word) || digitWords.includes(word));
}
