import { durationMs } from '../../audio/frame.js';
import type { SpokenWord } from '../../ports/text-to-speech.js';

/** A clause as audio. */
export type SpokenPiece = {
  readonly text: string;
  readonly samples: Float32Array;
  readonly rateHz: number;
  readonly words: readonly SpokenWord[];
  /** A beginning that says nothing yet: what is measured as content comes after it. */
  readonly opener?: boolean;
  /** It is heard to its end, whoever speaks. */
  readonly whole?: boolean;
};

/** A clause that is read instead of heard: it takes no time. */
export function writtenPiece(text: string, rateHz: number): SpokenPiece {
  return { text, samples: new Float32Array(0), rateHz, words: [] };
}

/** Words with their times; spread evenly where the voice has told none. */
export function wordsOf(piece: SpokenPiece): readonly SpokenWord[] {
  if (piece.words.length > 0) return piece.words;
  const written = piece.text.split(/\s+/).filter((word) => word !== '');
  const stepMs = durationMs(piece.samples.length, piece.rateHz) / Math.max(1, written.length);
  return written.map((text, index) => ({ text, startMs: index * stepMs, endMs: (index + 1) * stepMs }));
}

/**
 * The words of a piece of which at least half was heard between `fromMs` and `heardMs` (from the piece's first sample), as
 * the text was written. Word times come from the voice, which may split words otherwise than the text does ("$5" is two).
 */
export function heardText(piece: SpokenPiece, heardMs: number, fromMs = 0): string {
  const written = piece.text.split(/\s+/).filter((word) => word !== '');
  const lastMs = (piece.samples.length / piece.rateHz) * 1000;
  const wordsUntil = (ms: number): number => {
    if (ms >= lastMs) return written.length;
    if (piece.words.length === 0) return Math.floor((ms / lastMs) * written.length);
    const heard = piece.words.filter((word) => (word.startMs + word.endMs) / 2 <= ms).length;
    return Math.floor((heard / piece.words.length) * written.length);
  };
  return written.slice(fromMs > 0 ? wordsUntil(fromMs) : 0, wordsUntil(heardMs)).join(' ');
}
