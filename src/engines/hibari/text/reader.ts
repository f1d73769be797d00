import { type Group, groupTokens, isJunk, isPause, merge, settle } from './compound.js';
import type { Lexicon } from './lexicon.js';
import { isNumber, readNumber, withCurrency } from './spoken-number.js';
import { CONSONANTS, VOWELS } from './stress.js';
import { AT_PAUSE, type Following, newToken, type Token } from './token.js';

/** Reading of a word that no rule knows; undefined while it is being looked up. */
export type UnknownWord = (word: string) => string | undefined;

/** Letters, digits or signs in a row: what an unreadable token falls apart into. */
const RUNS = /\p{L}+(?:['’]\p{L}+)*|\d+(?:[,.]\d+)*|[^\p{L}\p{N}_\s]+/gu;

const SIGNS: Readonly<Record<string, string>> = {
  '/': 'slˈæʃ',
  '=': 'ˈikwᵊlz',
  '+': 'plˈʌs',
  '&': 'ænd',
  '@': 'æt',
  '%': 'pəɹsˈɛnt',
  '#': 'hˈæʃ',
  '*': 'ˈæstəɹˌɪsk',
  '~': 'tˈɪldə',
  '^': 'kˈɛɹət',
  '<': 'lˈɛs ðən',
  '>': 'ɡɹˈATəɹ ðən',
  '—': '—',
};

/**
 * Reads tagged tokens: every token of the result has its phonemes. Works from right to left, as the sound of "the", "to" and
 * "a" depends on what follows. Method of misaki (Apache-2.0).
 */
export function readTokens(tokens: readonly Token[], lexicon: Lexicon, unknown: UnknownWord): Token[] {
  const groups = groupTokens(tokens);
  let following = AT_PAUSE;
  for (const group of [...groups].reverse()) {
    following =
      group.length === 1
        ? readSingle(group, lexicon, unknown, following)
        : readGroup(group, lexicon, unknown, following);
  }
  return groups.map(joined);
}

function readSingle(group: Group, lexicon: Lexicon, unknown: UnknownWord, following: Following): Following {
  const [token] = group;
  if (token === undefined) return following;
  token.phonemes ??= readOne(token, lexicon, following) ?? fallBack(token.text, lexicon, unknown);
  return before(token.text, token.tag, token.phonemes, following);
}

/**
 * Reads a group by the longest stretches that the rules know, from its end to its start. Where one part stays unread, the
 * whole group is taken as an unknown word.
 */
function readGroup(group: Group, lexicon: Lexicon, unknown: UnknownWord, after: Following): Following {
  let following = after;
  let right = group.length;
  while (right > 0) {
    const found = longestReadable(group, right, lexicon, following);
    if (found !== undefined) {
      for (const token of group.slice(found.left, right)) token.phonemes = '';
      const head = group[found.left];
      if (head !== undefined) head.phonemes = found.phonemes;
      following = before(found.text, found.tag, found.phonemes, following);
      right = found.left;
      continue;
    }
    right--;
    const part = group[right];
    if (part === undefined || part.phonemes !== undefined) continue;
    if (!isJunk(part.text)) return readAsUnknown(group, lexicon, unknown, after);
    part.phonemes = '';
  }
  settle(group);
  return following;
}

function longestReadable(
  group: Group,
  right: number,
  lexicon: Lexicon,
  following: Following,
): { left: number; phonemes: string; text: string; tag: string } | undefined {
  for (let left = 0; left < right; left++) {
    const whole = merge(group.slice(left, right));
    const phonemes = readOne(whole, lexicon, following);
    if (phonemes !== undefined) return { left, phonemes, text: whole.text, tag: whole.tag };
  }
  return undefined;
}

function readAsUnknown(group: Group, lexicon: Lexicon, unknown: UnknownWord, following: Following): Following {
  const whole = merge(group);
  const phonemes = fallBack(whole.text, lexicon, unknown);
  for (const [i, token] of group.entries()) token.phonemes = i === 0 ? phonemes : '';
  return before(whole.text, whole.tag, phonemes, following);
}

function readOne(token: Token, lexicon: Lexicon, following: Following): string | undefined {
  const word = (token.alias ?? token.text).replace(/[‘’]/g, "'").normalize('NFKC');
  const phonemes = lexicon.read(word, token.tag, following);
  if (phonemes !== undefined) return withCurrency(lexicon, phonemes, token.currency);
  return isNumber(word, token.isHead) ? readNumber(lexicon, word, token.currency, token.isHead) : undefined;
}

function fallBack(text: string, lexicon: Lexicon, unknown: UnknownWord): string {
  const readings = (text.match(RUNS) ?? []).map((run) => {
    if (/^\d/.test(run)) return readNumber(lexicon, run, undefined, false) ?? '';
    if (/^\p{L}/u.test(run)) return unknown(run) ?? '';
    return Array.from(run, (sign) => SIGNS[sign] ?? '').join('');
  });
  return readings.filter((reading) => reading !== '').join(' ');
}

/** What the word in front of this one has to know about it. */
function before(text: string, tag: string, phonemes: string, following: Following): Following {
  const to = text === 'to' || text === 'To' || (text === 'TO' && (tag === 'TO' || tag === 'IN'));
  for (const phoneme of phonemes) {
    if (isPause(phoneme)) return { vowel: undefined, to };
    if (VOWELS.has(phoneme)) return { vowel: true, to };
    if (CONSONANTS.has(phoneme)) return { vowel: false, to };
  }
  return { vowel: following.vowel, to };
}

/** A group as one token again, in the letters that the voice was trained on. */
function joined(group: Group): Token {
  let phonemes = '';
  for (const token of group) {
    const reading = token.phonemes ?? '';
    if (token.spaceBefore && reading !== '' && phonemes !== '' && !phonemes.endsWith(' ')) phonemes += ' ';
    phonemes += reading;
  }
  const { text, tag, spaceAfter } = merge(group);
  return newToken(text, tag, spaceAfter, phonemes.replaceAll('ɾ', 'T').replaceAll('ʔ', 't'));
}
