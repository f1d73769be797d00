import type { Boundary } from './silence.js';

/** One word of the text and where its phonemes lie in the piece. */
export type PhonemizedWord = {
  /** As written, punctuation attached. After normalisation: "$5" is "5 dollars". */
  readonly text: string;
  /** Index of its first phoneme character in the piece. */
  readonly start: number;
  /** Index after its last. */
  readonly end: number;
};

/** What one run of the network speaks, apart from the words around it. */
export type PhonemizedPiece = {
  /** Characters of the voice's alphabet only, with spaces and punctuation. */
  readonly phonemes: string;
  readonly words: readonly PhonemizedWord[];
  /** How it ends, which decides the pause after it. */
  readonly boundary: Boundary;
};

/** Text as the network will read it. No pieces where there is nothing to say. */
export type PhonemizedText = {
  readonly pieces: readonly PhonemizedPiece[];
  /** All pieces, joined by a space. */
  readonly phonemes: string;
  /** True where the text was longer than the limit and its end was dropped. */
  readonly truncated: boolean;
};
