import { normalizeNumbers } from '../../src/platform/text-forms/english-numbers.js';
import { americanSpelling } from './english-spelling.js';

/** Goes beside every published WER: rates made with different rules do not compare. */
export const normVersion = 'parley-whisper-en-1';

const fillers = /\b(?:hmm|mm|mhm|mmm|uh|um)\b/g;

/** In order: a rule sees what the rules before it left. */
const contractions: readonly (readonly [RegExp, string])[] = [
  [/\bwon't\b/g, 'will not'],
  [/\bcan't\b/g, 'can not'],
  [/\blet's\b/g, 'let us'],
  [/\bain't\b/g, 'aint'],
  [/\by'all\b/g, 'you all'],
  [/\bwanna\b/g, 'want to'],
  [/\bgotta\b/g, 'got to'],
  [/\bgonna\b/g, 'going to'],
  [/\b(?:i'ma|imma)\b/g, 'i am going to'],
  [/\b(w|c|sh)oulda\b/g, '$1ould have'],
  [/\bma'am\b/g, 'madam'],
  [/'(d|s) (been|gone)\b/g, " '$1~ $2"],
  [/'d done\b/g, " 'd~ done"],
  [/'s got\b/g, " 's~ got"],
  [/ 'd~/g, ' had'],
  [/ 's~/g, ' has'],
  [/n't\b/g, ' not'],
  [/'re\b/g, ' are'],
  [/'s\b/g, ' is'],
  [/'d\b/g, ' would'],
  [/'ll\b/g, ' will'],
  [/'t\b/g, ' not'],
  [/'ve\b/g, ' have'],
  [/'m\b/g, ' am'],
];

const titles: Readonly<Record<string, string>> = {
  mr: 'mister',
  mrs: 'missus',
  st: 'saint',
  dr: 'doctor',
  prof: 'professor',
  capt: 'captain',
  gov: 'governor',
  ald: 'alderman',
  gen: 'general',
  sen: 'senator',
  rep: 'representative',
  pres: 'president',
  rev: 'reverend',
  hon: 'honorable',
  asst: 'assistant',
  assoc: 'associate',
  lt: 'lieutenant',
  col: 'colonel',
  jr: 'junior',
  sr: 'senior',
  esq: 'esquire',
};
const titlePattern = new RegExp(`\\b(?:${Object.keys(titles).join('|')})\\b`, 'g');

/** Letters that Unicode does not decompose. */
const letters: Readonly<Record<string, string>> = {
  œ: 'oe',
  ø: 'o',
  æ: 'ae',
  ß: 'ss',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
};

/**
 * Brings an English transcript into the form in which word errors are counted, by the rules of OpenAI Whisper's
 * English text normaliser: lower case; text in brackets and fillers dropped; contractions and titles expanded;
 * numbers in digits; American spelling; no punctuation, symbols or diacritics.
 *
 * It differs from the reference on purpose: typographic apostrophes count as apostrophes, and the spelling table is
 * smaller (see `english-spelling.ts`).
 */
export function normalizeEnglish(text: string): string {
  let result = text
    .toLowerCase()
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/[<[][^>\]]*[>\]]/g, '')
    .replace(/\([^)]+\)/g, '')
    .replace(fillers, '')
    .replace(/\s+'/g, "'");
  for (const [pattern, replacement] of contractions) result = result.replace(pattern, replacement);
  result = result
    .replace(titlePattern, (title) => `${titles[title]} `)
    .replace(/(\d),(\d)/g, '$1$2')
    .replace(/\.(?=\D|$)/g, ' ');
  result = americanSpelling(normalizeNumbers(plainCharacters(result)));
  return result
    .replace(/([$¢€£])\s+(\d)/g, '$1$2')
    .replace(/(\d)\s+%/g, '$1%')
    .replace(/[.$¢€£](?=\D|$)/g, ' ')
    .replace(/(?<!\d)%/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Drops diacritics; marks, symbols and punctuation become spaces, but for those that belong to numbers. */
function plainCharacters(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[œøæßđðþł]/g, (letter) => letters[letter] ?? letter)
    .replace(/\p{Mn}/gu, '')
    .replace(/[\p{M}\p{S}\p{P}]/gu, (symbol) => ('.%$¢€£'.includes(symbol) ? symbol : ' '));
}
