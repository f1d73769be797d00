import type { PhonemizedPiece, PhonemizedWord } from '../phonemized.js';
import type { Boundary } from '../silence.js';

/** The network was trained on at most this many phonemes at once. */
export const LONGEST_PIECE_PHONEMES = 400;

/**
 * Cuts a sentence into pieces that the network can take: after the last clause that fits, else after the last word, else
 * in the middle of a word.
 */
export function cutIntoPieces(phonemes: string, words: readonly PhonemizedWord[]): PhonemizedPiece[] {
  const pieces: PhonemizedPiece[] = [];
  let from = 0;
  let next = 0;
  while (from < phonemes.length) {
    const to = cutPoint(phonemes, from);
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

function cutPoint(phonemes: string, from: number): number {
  if (phonemes.length - from <= LONGEST_PIECE_PHONEMES) return phonemes.length;
  const window = phonemes.slice(from, from + LONGEST_PIECE_PHONEMES);
  const clause = /^.*[,;:—.!?…][”")]*(?= )/su.exec(window)?.[0].length;
  if (clause !== undefined) return from + clause;
  const space = window.lastIndexOf(' ');
  return from + (space > 0 ? space : LONGEST_PIECE_PHONEMES);
}

/** How a stretch of phonemes ends. */
export function boundaryOf(phonemes: string): Boundary {
  const last = phonemes.replace(/[\s”")“]+$/u, '').at(-1) ?? '';
  if ('.!?…'.includes(last)) return 'sentence';
  return ',;:—'.includes(last) ? 'clause' : 'word';
}

/** Whether there is anything but punctuation. */
function isAudible(phonemes: string): boolean {
  return /\p{L}/u.test(phonemes.replace(/[ˈˌː]/g, ''));
}
