import type { PhonemizedPiece } from './phonemized.js';
import { type Boundary, boundaryOf, KEEP_BEFORE_ONSET_MS } from './silence.js';

/**
 * Clauses of one sentence that are synthesised apart are spoken in context: with the last words before them and with
 * words after them that are cut away again. Alone, each would be a sentence of its own. Over 30 sentences of two clauses,
 * against one synthesis of the whole, the first clause ended 2.6 semitones too low and the second began 3.2 too high; in
 * context both are within 0.3. The pauses are then the network's too.
 */
export type Context = {
  /** Phonemes in front, ending in a pause mark; undefined where a sentence begins. */
  readonly before: string | undefined;
  /** Phonemes behind; undefined where a sentence ends. */
  readonly behind: string | undefined;
};

/** Stands for whatever comes next. Of fifteen tried, this one left end and pause of a clause most like those in the whole. */
export const CONTINUATION = 'then we can go on.';
/** Of what was said before; with so many, the beginning of the second clause was that of the whole. */
const WORDS_BEFORE = 3;
const LONGEST_BEFORE_PHONEMES = 40;

/** The end of what was said before, as the context of what follows it; undefined after the end of a sentence. */
export function contextBefore(phonemes: string): string | undefined {
  const boundary = boundaryOf(phonemes);
  if (boundary === 'sentence' || phonemes === '') return undefined;
  const words = phonemes.trim().split(' ').slice(-WORDS_BEFORE).join(' ').slice(-LONGEST_BEFORE_PHONEMES);
  return withPauseMark(words, boundary);
}

/** What the network reads, and which of its phonemes are the piece's own. */
export function inContext(piece: PhonemizedPiece, context: Context): { phonemes: string; from: number; to: number } {
  const front = context.before === undefined ? '' : `${context.before} `;
  const own = context.behind === undefined ? piece.phonemes : withPauseMark(piece.phonemes, piece.boundary);
  const back = context.behind === undefined ? '' : ` ${context.behind}`;
  return { phonemes: `${front}${own}${back}`, from: front.length, to: front.length + own.length };
}

/** A cut needs a pause, and the network makes one where it reads a mark. */
function withPauseMark(phonemes: string, boundary: Boundary): string {
  return boundary === 'word' ? `${phonemes},` : phonemes;
}

/** The network's pause before the continuation is shorter than the one before the real words by this, in the median. */
const SHORTER_BEFORE_CONTINUATION_MS = 35;
/** A phrase of so few words in front of a sentence ("Sure,", "Let me see,") is an opener. */
const OPENER_WORDS = 3;
/** Bounds of the pause, in milliseconds: in conversation people pause less after an opener than readers do. */
const AFTER_OPENER = { least: 80, most: 160 } as const;
const AFTER_CLAUSE = { least: 80, most: 300 } as const;
/** Where the text has no mark: barely a pause. */
const AFTER_WORD = { least: 30, most: 60 } as const;

/** What to keep of the pause after a clause, from the one that the network made before the continuation. */
export function pauseInContextMs(piece: PhonemizedPiece, networkMs: number): number {
  const { least, most } =
    piece.boundary === 'word' ? AFTER_WORD : piece.words.length <= OPENER_WORDS ? AFTER_OPENER : AFTER_CLAUSE;
  const wholeMs = Math.min(most, Math.max(least, networkMs + SHORTER_BEFORE_CONTINUATION_MS));
  // The rest of it comes with the next clause.
  return wholeMs - KEEP_BEFORE_ONSET_MS;
}
