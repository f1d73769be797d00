import { isCurrencySign } from './spoken-number.js';
import { PRIMARY, weight, withStress } from './stress.js';
import { newToken, type Token } from './token.js';

/** Tokens that are written together and read as one unit: "twenty-third", "iPhone", "B2B". At least one. */
export type Group = Token[];

/** No word has more parts; every stretch of a group is looked up, so the work grows with the cube of its length. */
const LONGEST_GROUP = 12;

const PAUSES = ';:,.!?—…';
const PUNCTUATION = `${PAUSES}"“”`;
/** Characters inside a compound that make no sound of their own. */
const JUNK = /^[',\-._‘’/]+$/u;

const BRACKETS_AND_QUOTES: Readonly<Record<string, string>> = {
  '-LRB-': '(',
  '-RRB-': ')',
  '``': '“',
  '""': '”',
  "''": '”',
};
const PUNCTUATION_TAGS: ReadonlySet<string> = new Set([
  '.',
  ',',
  '-LRB-',
  '-RRB-',
  '``',
  '""',
  "''",
  ':',
  '$',
  '#',
  'NFP',
]);

const LOW = 'a-zß-öø-ÿ';
const UP = 'A-ZÀ-ÖØ-Þ';
const ALPHA = '[\\p{L}\\p{Nl}\\p{No}]';
/** Where a token breaks further: case changes, digits, hyphens, quotes, signs. Rules of misaki (Apache-2.0). */
const PARTS = new RegExp(
  [
    `^['‘’]+`,
    `[${UP}](?=[${UP}][${LOW}])`,
    '(?:^-)?(?:\\d?[,.]?\\d)+',
    '[-_]+',
    `['‘’]{2,}`,
    `${ALPHA}*?(?:['‘’]${ALPHA})*?[${LOW}](?=[${UP}])`,
    `${ALPHA}+(?:['‘’]${ALPHA})*`,
    `[^\\p{L}\\p{N}_\\-'‘’]`,
    `['‘’]+$`,
  ].join('|'),
  'gu',
);

export function isPause(character: string): boolean {
  return PAUSES.includes(character);
}

export function isJunk(text: string): boolean {
  return JUNK.test(text);
}

/**
 * Breaks tokens into the parts that are looked up and puts those that are written together into groups. Punctuation gets
 * its reading here; a currency sign becomes silent and passes to the number after it.
 */
export function groupTokens(tokens: readonly Token[]): Group[] {
  const groups: Group[] = [];
  let open = false;
  let currency: string | undefined;
  for (const [i, token] of tokens.entries()) {
    const parts = token.phonemes === undefined ? partsOf(token) : [token];
    for (const [j, part] of parts.entries()) {
      const last = j === parts.length - 1;
      const fixed = part.phonemes ?? punctuationReading(part);
      if (part.phonemes === undefined && part.tag === '$' && isCurrencySign(part.text)) {
        currency = part.text;
        part.phonemes = '';
      } else if (fixed !== undefined) {
        part.phonemes = fixed;
      } else if (currency !== undefined && part.tag !== 'CD') {
        currency = undefined;
      } else if (currency !== undefined) {
        if (last && tokens[i + 1]?.tag !== 'CD') part.currency = currency;
      } else if (
        part.text === '2' &&
        !last &&
        /\p{Ll}$/u.test(parts[j - 1]?.text ?? '') &&
        /^\p{Ll}/u.test(parts[j + 1]?.text ?? '')
      ) {
        part.alias = 'to';
      }
      const group = groups.at(-1);
      const standsAlone = part.phonemes !== undefined || part.alias !== undefined;
      if (open && group !== undefined && group.length < LONGEST_GROUP && !standsAlone) {
        part.isHead = false;
        group.push(part);
      } else {
        groups.push([part]);
      }
      open = !standsAlone && !part.spaceAfter;
    }
  }
  return groups;
}

function partsOf(token: Token): Token[] {
  const parts = (token.text.match(PARTS) ?? [token.text]).map((text) => newToken(text, token.tag));
  const last = parts.at(-1);
  if (last !== undefined) last.spaceAfter = token.spaceAfter;
  return parts;
}

function punctuationReading({ tag, text }: Token): string | undefined {
  if (tag === ':' && (text === '-' || text === '–')) return '—';
  if (!PUNCTUATION_TAGS.has(tag) || /^[a-z]+$/i.test(text)) return undefined;
  return BRACKETS_AND_QUOTES[tag] ?? Array.from(text, (c) => (PUNCTUATION.includes(c) ? c : '')).join('');
}

/** Several neighbours as one token, to be looked up together. The tag is that of the longest, capitals counting double. */
export function merge(tokens: readonly Token[]): Token {
  const first = tokens[0] ?? newToken('', '');
  const last = tokens.at(-1) ?? first;
  const size = ({ text }: Token) => Array.from(text).reduce((sum, c) => sum + (c === c.toLowerCase() ? 1 : 2), 0);
  const main = tokens.reduce((best, token) => (size(token) > size(best) ? token : best), first);
  const merged = newToken(textOf(tokens), main.tag, last.spaceAfter);
  merged.isHead = first.isHead;
  merged.currency = tokens.find((token) => token.currency !== undefined)?.currency;
  return merged;
}

export function textOf(tokens: readonly Token[]): string {
  return tokens.map((token, i) => token.text + (token.spaceAfter && i < tokens.length - 1 ? ' ' : '')).join('');
}

/**
 * Settles a group whose parts were read one by one: parts of different kinds (letters and digits) are heard apart; otherwise
 * it is one word, and all but the heavier half of its parts lose their primary stress.
 */
export function settle(group: Group): void {
  const text = textOf(group);
  const kinds = new Set(
    Array.from(text)
      .filter((c) => !isJunk(c))
      .map((c) => (/\p{L}/u.test(c) ? 'letter' : /\d/.test(c) ? 'digit' : 'sign')),
  );
  const apart = /[ /]/.test(text) || kinds.size > 1;
  for (const [i, token] of group.entries()) {
    if (token.phonemes === undefined) {
      if (i === group.length - 1 && isPause(token.text)) token.phonemes = token.text;
      else if (isJunk(token.text)) token.phonemes = '';
    } else if (i > 0) {
      token.spaceBefore = apart;
    }
  }
  if (!apart) shareStress(group);
}

function shareStress(group: Group): void {
  const sounding = group.flatMap((token) =>
    token.phonemes === undefined || token.phonemes === '' ? [] : [{ token, phonemes: token.phonemes }],
  );
  const soften = (part: { token: Token; phonemes: string } | undefined) => {
    if (part !== undefined) part.token.phonemes = withStress(part.phonemes, -0.5);
  };
  if (sounding.length === 2 && sounding[0]?.token.text.length === 1) {
    soften(sounding[1]);
    return;
  }
  const stressed = (part: { phonemes: string }) => (part.phonemes.includes(PRIMARY) ? 1 : 0);
  const total = sounding.reduce((sum, part) => sum + stressed(part), 0);
  if (sounding.length < 2 || total <= Math.floor((sounding.length + 1) / 2)) return;
  const lightestFirst = [...sounding].sort(
    (a, b) => stressed(a) - stressed(b) || weight(a.phonemes) - weight(b.phonemes),
  );
  for (const part of lightestFirst.slice(0, Math.floor(sounding.length / 2))) soften(part);
}
