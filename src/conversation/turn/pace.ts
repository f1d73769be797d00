/** How long this caller's pauses were, of those that they really went on after. */
export type CallerPace = { readonly pauses: number; readonly meanMs: number };

/** The pauses of one turn, of those that the caller went on after. */
export type TurnPauses = { readonly count: number; readonly longestMs: number };

export const noPauses: TurnPauses = { count: 0, longestMs: 0 };

export function addPause({ count, longestMs }: TurnPauses, pauseMs: number): TurnPauses {
  return { count: count + 1, longestMs: Math.max(longestMs, pauseMs) };
}

export const unknownPace: CallerPace = { pauses: 0, meanMs: 0 };

/** Shorter silences are articulation, not hesitation. */
const leastPauseMs = 200;
/** Longer ones are something else: a search for the card, a word to somebody in the room. */
const mostPauseMs = 2_000;
/** A pause as such: what a caller of usual pace makes within a phrase. */
const usualPauseMs = 600;
/** Weight of each further pause: older ones fade within a few. */
const newest = 0.3;
/** So many pauses are needed to believe half of what they say. */
const doubtfulPauses = 2;
const leastStretch = 0.85;
const mostStretch = 1.4;

/** The caller went on after a pause of this length. */
export function learnPause(pace: CallerPace, pauseMs: number): CallerPace {
  if (pauseMs < leastPauseMs || pauseMs > mostPauseMs) return pace;
  const share = Math.max(newest, 1 / (pace.pauses + 1));
  return { pauses: pace.pauses + 1, meanMs: Math.round(pace.meanMs + share * (pauseMs - pace.meanMs)) };
}

/** What a wait is multiplied with for this caller: 0.85..1.4, and 1 while nothing is known. */
export function stretchOf(pace: CallerPace): number {
  if (pace.pauses === 0) return 1;
  const trust = pace.pauses / (pace.pauses + doubtfulPauses);
  const stretch = Math.min(mostStretch, Math.max(leastStretch, pace.meanMs / usualPauseMs));
  return 1 + trust * (stretch - 1);
}
