import { tensWords, unitWords } from '../../language/number-words.js';

/** What a word can be within a spoken number. */
type NumberWord =
  | { readonly kind: 'zero' }
  /** 1 to 19; `suffix` is set for ordinals and plurals, which end a number. */
  | { readonly kind: 'unit'; readonly value: number; readonly suffix: string }
  | { readonly kind: 'tens'; readonly value: number; readonly suffix: string }
  | { readonly kind: 'scale'; readonly value: number; readonly suffix: string }
  | { readonly kind: 'sign'; readonly symbol: string }
  | { readonly kind: 'currency'; readonly symbol: string }
  | { readonly kind: 'repeat'; readonly times: number }
  | { readonly kind: 'per' | 'percent' | 'and' | 'point' };

/** Up to what doubles hold exactly; the reference rules go on to decillions, which nobody says to an agent. */
const scales = { hundred: 1e2, thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12, quadrillion: 1e15 };
const irregularOrdinals: Readonly<Record<string, readonly [number, string]>> = {
  zeroth: [0, 'th'],
  first: [1, 'st'],
  second: [2, 'nd'],
  third: [3, 'rd'],
  fifth: [5, 'th'],
  eighth: [8, 'th'],
  ninth: [9, 'th'],
  twelfth: [12, 'th'],
};

const numberWords = buildNumberWords();

function buildNumberWords(): ReadonlyMap<string, NumberWord> {
  const words = new Map<string, NumberWord>();
  for (const zero of ['o', 'oh', 'zero']) words.set(zero, { kind: 'zero' });
  for (const [value, name] of [...unitWords.entries()].slice(1)) {
    words.set(name, { kind: 'unit', value, suffix: '' });
    words.set(name === 'six' ? 'sixes' : `${name}s`, { kind: 'unit', value, suffix: 's' });
    words.set(`${name}th`, { kind: 'unit', value, suffix: 'th' });
  }
  for (const misspelt of ['oneth', 'twoth', 'threeth', 'fiveth', 'eightth', 'nineth', 'twelveth'])
    words.delete(misspelt);
  for (const [name, [value, suffix]] of Object.entries(irregularOrdinals)) {
    words.set(name, { kind: 'unit', value, suffix });
  }
  for (const [index, name] of tensWords.entries()) {
    const value = 20 + 10 * index;
    const stem = name.slice(0, -1);
    words.set(name, { kind: 'tens', value, suffix: '' });
    words.set(`${stem}ies`, { kind: 'tens', value, suffix: 's' });
    words.set(`${stem}ieth`, { kind: 'tens', value, suffix: 'th' });
  }
  for (const [name, value] of Object.entries(scales)) {
    words.set(name, { kind: 'scale', value, suffix: '' });
    words.set(`${name}s`, { kind: 'scale', value, suffix: 's' });
    words.set(`${name}th`, { kind: 'scale', value, suffix: 'th' });
  }
  for (const [name, symbol] of Object.entries({ minus: '-', negative: '-', plus: '+', positive: '+' })) {
    words.set(name, { kind: 'sign', symbol });
  }
  for (const [name, symbol] of Object.entries({ pound: '£', euro: '€', dollar: '$', cent: '¢' })) {
    words.set(name, { kind: 'currency', symbol });
    words.set(`${name}s`, { kind: 'currency', symbol });
  }
  words.set('double', { kind: 'repeat', times: 2 });
  words.set('triple', { kind: 'repeat', times: 3 });
  for (const kind of ['per', 'percent', 'and', 'point'] as const) words.set(kind, { kind });
  return words;
}

/** A number being read: `number` can still grow by arithmetic, `text` only by further digits. */
type Pending = { readonly number: number } | { readonly text: string };

/**
 * Writes spoken numbers in digits, by the rules of OpenAI Whisper's English number normaliser: cardinals with `and`
 * ("one hundred and two" to 102), years ("nineteen ninety nine"), digit strings ("double oh seven" to 007), decimals,
 * ordinals and plurals ("thirty first" to 31st, "nineteen fifties" to 1950s), signs, currencies ("two dollars and
 * seventy cents" to $2.70), percent. A lone 1 is written "one". Expects lower-case words without punctuation.
 */
export function normalizeNumbers(text: string): string {
  return finish(readNumbers(prepare(text).split(/\s+/).filter(Boolean)).join(' '));
}

/** Brings halves and digits joined to letters into the form that the word reader knows. */
function prepare(text: string): string {
  const scaleNames = Object.keys(scales).join('|');
  return text
    .replace(/(\S+)\s+and\s+a\s+half\b/g, (whole, before: string) => {
      const kind = numberWords.get(before);
      const countable = kind?.kind === 'zero' || isPlain(kind) || /^\d+$/.test(before);
      return countable ? `${before} point five` : whole;
    })
    .replace(new RegExp(`\\b(?:a\\s+half|half\\s+a|half)\\s+(${scaleNames})\\b`, 'g'), '0.5 $1')
    .replace(/([a-z])(\d)/g, '$1 $2')
    .replace(/(\d)([a-z])/g, '$1 $2')
    .replace(/(\d)\s+(st|nd|rd|th|s)\b/g, '$1$2');
}

function finish(text: string): string {
  return text
    .replace(/([€£$])(\d+) (?:and )?¢(\d{1,2})\b/g, (_, symbol: string, whole: string, cents: string) => {
      return `${symbol}${whole}.${cents.padStart(2, '0')}`;
    })
    .replace(/[€£$]0\.(\d{1,2})(?![\d.])/g, (_, cents: string) => `¢${Number(cents)}`)
    .replace(/(?<![\d.])\b1(s?)\b(?!\.\d)/g, 'one$1');
}

function readNumbers(words: readonly string[]): string[] {
  const written: string[] = [];
  let pending: Pending | null = null;
  let prefix = '';

  const write = (text: string) => {
    written.push(prefix + text);
    pending = null;
    prefix = '';
  };
  const flush = () => {
    if (pending !== null) write(textOf(pending));
  };
  const writePlain = (word: string) => {
    flush();
    write(word);
  };

  for (let i = 0; i < words.length; i++) {
    const current = words[i] as string;
    const previous = numberWords.get(words[i - 1] ?? '');
    const next = words[i + 1] ?? '';
    const nextKind = numberWords.get(next);
    const numberFollows = nextKind !== undefined || isDigits(next);
    const digits = /^([-+£€$¢]?)(\d+(?:\.\d+)?)$/.exec(current);
    const word = numberWords.get(current);

    if (digits !== null) {
      const value = digits[2] as string;
      if (pending !== null && textOf(pending).endsWith('.')) {
        pending = { text: textOf(pending) + value };
        continue;
      }
      flush();
      prefix = (digits[1] as string) || prefix;
      // Sixteen digits and more (cards) are beyond exact arithmetic and are never added to anyway.
      pending = value.includes('.') || value.length > 15 ? { text: value } : { number: Number(value) };
      continue;
    }
    if (word === undefined) {
      writePlain(current);
      continue;
    }
    switch (word.kind) {
      case 'zero':
        pending = { text: `${pending === null ? '' : textOf(pending)}0` };
        break;
      case 'unit':
      case 'tens': {
        const sum: Pending =
          word.kind === 'unit' ? addUnit(pending, previous, word.value) : addTens(pending, word.value);
        if (word.suffix === '') pending = sum;
        else write(textOf(sum) + word.suffix);
        break;
      }
      case 'scale': {
        let product: Pending | null = multiply(pending, word.value);
        if (product === null) {
          flush();
          product = { number: word.value };
        }
        if (word.suffix === '') pending = product;
        else write(textOf(product) + word.suffix);
        break;
      }
      case 'sign':
        flush();
        if (numberFollows) prefix = word.symbol;
        else write(current);
        break;
      case 'currency':
        if (pending === null) {
          write(current);
        } else {
          prefix = word.symbol;
          flush();
        }
        break;
      case 'percent':
        if (pending === null) write(current);
        else write(`${textOf(pending)}%`);
        break;
      case 'per':
        if (pending !== null && next === 'cent') {
          write(`${textOf(pending)}%`);
          i++;
        } else {
          writePlain(current);
        }
        break;
      case 'and':
        // "one hundred and two" is one number; any other "and" parts two.
        if (!(numberFollows && previous?.kind === 'scale' && previous.suffix === '')) writePlain(current);
        break;
      case 'repeat':
        if (nextKind?.kind === 'zero' || (nextKind?.kind === 'unit' && nextKind.suffix === '')) {
          const digit = nextKind.kind === 'zero' ? 0 : nextKind.value;
          pending = { text: (pending === null ? '' : textOf(pending)) + String(digit).repeat(word.times) };
          i++;
        } else {
          writePlain(current);
        }
        break;
      case 'point':
        if (nextKind?.kind === 'zero' || (isPlain(nextKind) && nextKind?.kind !== 'scale') || isDigits(next)) {
          pending = { text: `${pending === null ? '' : textOf(pending)}.` };
        } else {
          writePlain(current);
        }
        break;
    }
  }
  flush();
  return written;
}

/** "twenty" + "five" is 25, "five" + "five" is the digits 55, "nineteen" + "eleven" the year 1911. */
function addUnit(pending: Pending | null, previous: NumberWord | undefined, value: number): Pending {
  if (pending === null) return { number: value };
  const afterUnit = previous?.kind === 'unit' && previous.suffix === '';
  if ('text' in pending || afterUnit) {
    const text = textOf(pending);
    const fillsTens = previous?.kind === 'tens' && value < 10 && text.endsWith('0');
    return { text: (fillsTens ? text.slice(0, -1) : text) + String(value) };
  }
  const room = value < 10 ? 10 : 100;
  return pending.number % room === 0 ? { number: pending.number + value } : { text: `${pending.number}${value}` };
}

function addTens(pending: Pending | null, value: number): Pending {
  if (pending === null) return { number: value };
  if ('number' in pending && pending.number % 100 === 0) return { number: pending.number + value };
  return { text: textOf(pending) + String(value) };
}

/** `null` when the product is not a whole number that can be written exactly. */
function multiply(pending: Pending | null, scale: number): Pending | null {
  if (pending === null) return { number: scale };
  if ('number' in pending && pending.number !== 0) {
    const below = pending.number % 1000;
    return { number: pending.number - below + below * scale };
  }
  const [whole = '', fraction = ''] = textOf(pending).split('.');
  const product = (Number(whole + fraction) * scale) / 10 ** fraction.length;
  return Number.isSafeInteger(product) ? { number: product } : null;
}

function isPlain(word: NumberWord | undefined): boolean {
  return (word?.kind === 'unit' || word?.kind === 'tens' || word?.kind === 'scale') && word.suffix === '';
}

function isDigits(word: string): boolean {
  return /^\d+(\.\d+)?$/.test(word);
}

function textOf(pending: Pending): string {
  return 'text' in pending ? pending.text : String(pending.number);
}

/** What a word adds to a spoken number; undefined for words that are none, and for ordinals and plurals. */
export function cardinalKind(word: string): 'zero' | 'unit' | 'tens' | 'scale' | 'repeat' | 'figures' | undefined {
  if (isDigits(word)) return 'figures';
  const known = numberWords.get(word);
  if (known?.kind === 'zero' || known?.kind === 'repeat') return known.kind;
  return known && isPlain(known) ? (known.kind as 'unit' | 'tens' | 'scale') : undefined;
}
