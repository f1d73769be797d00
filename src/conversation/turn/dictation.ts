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
/** Hardly anybody says a digit faster; a recogniser that writes more has invented some. */
const fastestDigitMs = 160;
/** The next gap may be this much longer than the longest one so far: of gaps that vary evenly, hardly any is. */
const gapShare = 1.1;
const gapMarginMs = 150;

/** In how many pieces something is dictated; undefined where it is spoken in one flow. */
export function dictatedPieces(sound: SpokenSound): number | undefined {
  const pieces = sound.pauses.count + 1;
  return pieces >= leastPieces && isShortPieces(sound) ? pieces : undefined;
}

/** Whether what is between the pauses is no longer, on average, than a digit that is said by itself. */
export function isShortPieces({ voicedMs, pauses }: SpokenSound): boolean {
  return voicedMs / (pauses.count + 1) <= longestPieceMs;
}

/** Whether so many digits can have been said. */
export function canHold({ voicedMs }: SpokenSound, digits: number): boolean {
  return digits * fastestDigitMs <= voicedMs;
}

/** How long a silence has to be for the dictation to be over, judged by the gaps in it. */
export function dictationWaitMs({ pauses }: SpokenSound): number {
  return Math.round(pauses.longestMs * gapShare + gapMarginMs);
}
