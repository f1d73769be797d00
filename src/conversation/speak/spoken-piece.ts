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

/**
 * The words of a piece of which at least half was heard by `heardMs` (from the piece's first sample), as the text was
 * written. Word times come from the voice, which may split words otherwise than the text does ("$5" is two).
 */
export function heardText(piece: SpokenPiece, heardMs: number): string {
  const written = piece.text.split(/\s+/).filter((word) => word !== '');
  const lastMs = (piece.samples.length / piece.rateHz) * 1000;
  if (heardMs >= lastMs) return written.join(' ');
  if (piece.words.length === 0) return written.slice(0, Math.floor((heardMs / lastMs) * written.length)).join(' ');
  const heard = piece.words.filter((word) => (word.startMs + word.endMs) / 2 <= heardMs).length;
  return written.slice(0, Math.floor((heard / piece.words.length) * written.length)).join(' ');
}
