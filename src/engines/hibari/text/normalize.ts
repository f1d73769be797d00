import { abbreviationRewrite, romanNumeralRewrite } from './abbreviations.js';
import { withAdditions } from './additions.js';
import { speakArithmetic } from './arithmetic.js';
import { speakCodes } from './codes.js';
import { dateRewrites, type Rewrite, speakTimes } from './dates-and-times.js';
import { speakFeetAndInches } from './feet-and-inches.js';
import { moneyRewrite, unitRewrite } from './money-and-units.js';
import { speakPhoneNumbers } from './phone-numbers.js';
import type { PhraseTables } from './phrase-table.js';
import { speakPostalAddresses } from './postal-addresses.js';
import { speakPrices } from './prices.js';
import { speakRanges, speakSpans } from './ranges.js';
import { speakWebAddresses } from './web-addresses.js';

/** The tokenizer takes a minus sign in front of a currency sign for a dash. */
const MINUS = /(?<![\p{L}\p{N}_-])-(?=[$£€]\d)/gu;
const PLUS = /(?<![\p{L}\p{N}_+])\+(?=\d)/gu;

/**
 * Text with everything in words that the lexicon cannot read by itself. Plain numbers, years, ordinals, percentages and
 * amounts in $, £ and € stay: the lexicon reads them by their context. The order matters: a time before a range, a date
 * before a fraction, an address before its full stops become pauses. Rules and tables of hibari (Apache-2.0), extended by
 * addresses, telephone formats, and hours without minutes.
 */
export function createNormalizer(modelTables: PhraseTables, isWord: (word: string) => boolean = () => true): Rewrite {
  const tables = withAdditions(modelTables);
  const dates = dateRewrites(tables);
  const rewrites: readonly Rewrite[] = [
    plainCharacters,
    (text) => text.replace(STRETCHED, (word) => unstretched(word, isWord)),
    (text) => text.replaceAll("'n'", 'and'),
    speakWebAddresses,
    speakPostalAddresses,
    speakSpans,
    speakTimes,
    dates.numeric,
    speakPhoneNumbers,
    speakCodes,
    speakPrices,
    moneyRewrite(tables),
    speakFeetAndInches,
    dates.named,
    speakArithmetic,
    unitRewrite(tables),
    abbreviationRewrite(tables),
    romanNumeralRewrite(tables),
    dates.fractions,
    speakRanges,
    (text) => text.replace(PLUS, 'plus ').replace(MINUS, 'minus '),
    symbolRewrite(tables),
    tidySpaces,
  ];
  return (text) => rewrites.reduce((rewritten, rewrite) => rewrite(rewritten), text);
}

/** "sooo", "NOOO": a letter three times or more. */
const STRETCHED = /(?<![\p{L}\p{N}_.@/])\p{L}*(\p{L})\1{2,}\p{L}*(?![\p{L}\p{N}_.@/]\S)/gu;

/** The word that was drawn out; as it is where that gives no word ("www", "Hmmm" is known as "hmm"). */
function unstretched(word: string, isWord: (word: string) => boolean): string {
  if (/^[IVXLCDM]+$/.test(word)) return word;
  const once = word.replace(/(\p{L})\1{2,}/gu, '$1');
  const twice = word.replace(/(\p{L})\1{2,}/gu, '$1$1');
  if (once.length > 1 && isWord(once.toLowerCase())) return once;
  return isWord(twice.toLowerCase()) ? twice : word;
}

/** Marks of a list item or a heading at the start of a line, as language models write them. */
const LINE_MARKUP = /^\s*(?:#{1,6}|[-*•])\s+/u;

/** One kind of space, apostrophe and dash; nothing that has no sound of its own. */
function plainCharacters(text: string): string {
  return text
    .replace(LINE_MARKUP, '')
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, (c) => (/\s/.test(c) ? ' ' : ''))
    .replace(/\s+/gu, ' ')
    .replaceAll('’', "'")
    .replaceAll('‒', '-')
    .replaceAll('―', '—')
    .trim();
}

function symbolRewrite({ symbols }: PhraseTables): Rewrite {
  const rules = Object.entries(symbols).map(([symbol, word]) => {
    const literal = symbol.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    // Between two things these are relations; at an edge they are decoration.
    const pattern = '=<>~'.includes(symbol) ? `(?<=\\S) ?${literal} ?(?=\\S)` : literal;
    return { symbol, pattern: new RegExp(pattern, 'gu'), words: word === '' ? ' ' : ` ${word} ` };
  });
  return (text) => rules.reduce((t, rule) => (t.includes(rule.symbol) ? t.replace(rule.pattern, rule.words) : t), text);
}

function tidySpaces(text: string): string {
  return text
    .replace(/\s+/gu, ' ')
    .replace(/ +([,.;:!?])/g, '$1')
    .trim();
}
