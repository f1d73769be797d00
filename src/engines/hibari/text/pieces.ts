import type { PhonemizedPiece, PhonemizedWord } from '../phonemized.js';
import { boundaryOf } from '../silence.js';

/**
 * A run of the network cannot be interrupted and takes about 0.45 ms per phoneme, so this keeps one, with the words around
 * it, below 80 ms. The network itself was trained on up to 400.
 */
export const LONGEST_PIECE_PHONEMES = 120;
/** A piece or a rest shorter than this is not worth a cut. */
const SHORTEST_PIECE_PHONEMES = 30;

/** Words before which a speaker takes breath, best first. */
const BREATHS: readonly ReadonlySet<string>[] = [
  new Set([
    'and',
    'but',
    'or',
    'so',
    'because',
    'which',
    'who',
    'where',
    'when',
    'while',
    'if',
    'although',
    'until',
    'before',
    'after',
  ]),
  new Set(['that', 'with', 'for', 'in', 'on', 'at', 'to', 'from', 'by', 'as', 'than', 'into', 'about', 'of']),
];

/**
 * Cuts a sentence into pieces that the network can take: after the last clause that fits, else before a conjunction, else
 * before a preposition, else after the last word, else in the middle of a word.
 */
export function cutIntoPieces(phonemes: string, words: readonly PhonemizedWord[]): PhonemizedPiece[] {
  const pieces: PhonemizedPiece[] = [];
  let from = 0;
  let next = 0;
  while (from < phonemes.length) {
    const to = cutPoint(phonemes, from, words);
    const text = phonemes.slice(from, to).trimEnd();
    const within: PhonemizedWord[] = [];
    for (let word = words[next]; word !== undefined && word.start < to; word = words[++next]) {
      within.push({ text: word.text, start: word.start - from, end: Math.min(word.end - from, text.length) });
    }
    if (isAudible(text)) pieces.push({ phonemes: text, words: within, boundary: boundaryOf(text) });
    from = to;
    while (phonemes.charAt(from) === ' ') from++;
  }
  return pieces;
}

function cutPoint(phonemes: string, from: number, words: readonly PhonemizedWord[]): number {
  if (phonemes.length - from <= LONGEST_PIECE_PHONEMES) return phonemes.length;
  const most = from + LONGEST_PIECE_PHONEMES;
  const fits = (at: number) =>
    at >= from + SHORTEST_PIECE_PHONEMES && at <= most && phonemes.length - at >= SHORTEST_PIECE_PHONEMES;
  const clauses = [...phonemes.slice(from, most).matchAll(/[,;:—.!?…][”")]*(?= )/gu)];
  const clause = clauses.map((match) => from + match.index + match[0].length).findLast(fits);
  if (clause !== undefined) return clause;
  for (const breaths of BREATHS) {
    const word = words.findLast(({ text, start }) => fits(start) && breaths.has(text.toLowerCase()));
    if (word !== undefined) return word.start;
  }
  const space = phonemes.lastIndexOf(' ', most - 1);
  return space > from ? space : most;
}

/** Whether there is anything but punctuation. */
function isAudible(phonemes: string): boolean {
  return /\p{L}/u.test(phonemes.replace(/[ˈˌː]/g, ''));
}
