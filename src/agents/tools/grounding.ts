const units = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const teens = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
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

/**
 * Whether a value of a call can come from what was said: a small model that lacks an order number makes one up, or takes
 * it from an example. Long numbers must have been said, in figures or in words, and no value may be one of
 * `foreign` that was not said.
 */
export function isGrounded(value: unknown, said: string, foreign: readonly string[]): boolean {
  if (Array.isArray(value)) return value.every((each) => isGrounded(each, said, foreign));
  if (typeof value === 'object' && value !== null)
    return Object.values(value).every((each) => isGrounded(each, said, foreign));
  if (typeof value !== 'string' && typeof value !== 'number') return true;
  const text = String(value);
  const leaked = foreign.some((each) => text.toLowerCase() === each.toLowerCase());
  if (leaked && !said.toLowerCase().includes(text.toLowerCase())) return false;
  const digits = text.replace(/\D/g, '');
  // A date or a sentence is made of what was said rather than taken from it.
  const isNumber = digits.length >= fewestDigits && /^[+#\d\s().-]+$/.test(text) && !/^\d{4}-\d\d-\d\d/.test(text);
  return !isNumber || digitsOf(said).includes(digits);
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
  const unit = units.indexOf(word);
  if (unit >= 0) return String(unit);
  if (teens.includes(word)) return String(10 + teens.indexOf(word));
  const ten = tens.indexOf(word);
  // "Twenty one" is two digits, and so is "twenty".
  if (ten >= 0) return units.indexOf(after ?? '') > 0 ? String(ten + 2) : String((ten + 2) * 10);
  return isDigit(before) || isDigit(after) ? (homophones[word] ?? '') : '';
}

function isDigit(word: string | undefined): boolean {
  return word !== undefined && (/^\d+$/.test(word) || units.includes(word));
}
