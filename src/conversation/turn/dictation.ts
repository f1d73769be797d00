import type { TurnPauses } from './pace.js';

/** What was heard of a turn so far, whatever its words are. */
export type SpokenSound = {
  /** Speech in it, pauses left out. */
  readonly voicedMs: number;
  readonly pauses: TurnPauses;
};

/** Fewer pieces show no habit. */
const leastPieces = 3;
/** A digit that is said by itself takes 300 to 600 ms; who says three at once needs longer. */
const longestPieceMs = 700;
/** Nobody says a digit faster; a recogniser that writes more has invented some. */
const fastestDigitMs = 100;
/** The next gap may be this much longer than the longest one so far: of gaps that vary evenly, hardly any is. */
const gapShare = 1.1;
const gapMarginMs = 150;

/** In how many pieces something is dictated; undefined where it is spoken in one flow. */
export function dictatedPieces({ voicedMs, pauses }: SpokenSound): number | undefined {
  const pieces = pauses.count + 1;
  return pieces >= leastPieces && voicedMs / pieces <= longestPieceMs ? pieces : undefined;
}

/** Whether so many digits can have been said. */
export function canHold({ voicedMs }: SpokenSound, digits: number): boolean {
  return digits * fastestDigitMs <= voicedMs;
}

/** How long a silence has to be for the dictation to be over, judged by the gaps in it. */
export function dictationWaitMs({ pauses }: SpokenSound): number {
  return Math.round(pauses.longestMs * gapShare + gapMarginMs);
}
