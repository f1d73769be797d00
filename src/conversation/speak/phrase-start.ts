import { type SpokenPiece, wordsOf } from './spoken-piece.js';

/** A pause between words from which on they are heard as two groups. */
const groupGapMs = 120;
/** Nobody wants to hear more than this again. */
const furthestBackMs = 2_500;
/** From a long group without a pause, about this much is said again. */
const wordsBackMs = 800;

/**
 * Where in a piece a speaker who was talked over at `atMs` naturally takes up again: at the beginning of the group of
 * words, or a few words back when that is long past. Milliseconds from the piece's first sample.
 */
export function phraseStart(piece: SpokenPiece, atMs: number): number {
  const words = wordsOf(piece);
  let start = 0;
  let nearby = 0;
  for (const [index, { startMs }] of words.entries()) {
    if (startMs > atMs) break;
    const before = words[index - 1];
    const begins = !before || /[.,;:!?]$/.test(before.text) || startMs - before.endMs >= groupGapMs;
    if (before && begins) start = startMs;
    if (startMs <= atMs - wordsBackMs) nearby = startMs;
  }
  return atMs - start > furthestBackMs ? nearby : start;
}

/** The end of a word within `withinMs` after `atMs`, from the piece's first sample; undefined when none ends there. */
export function wordEnd(piece: SpokenPiece, atMs: number, withinMs: number): number | undefined {
  return wordsOf(piece).find(({ endMs }) => endMs >= atMs && endMs <= atMs + withinMs)?.endMs;
}
