import type { MeasuredTurn } from '../call/measured-turn.js';
import type { LoadedCall } from './callers-job.js';

/**
 * The turns at whose end as many calls were under way as the level is about: when callers begin and end one after
 * another, the first and the last turns have the machine to themselves.
 */
export function underFullLoad(
  calls: readonly LoadedCall[],
  callsAtOnce: number,
): (turn: Pick<MeasuredTurn, 'recorded'>) => boolean {
  const counted = new Set<MeasuredTurn['recorded']>();
  for (const { call, fromMs } of calls)
    for (const recorded of call.analysis.turns) {
      const atMs = fromMs + recorded.endMs;
      const underWay = calls.filter((other) => other.fromMs <= atMs && atMs < other.toMs).length;
      if (underWay >= callsAtOnce) counted.add(recorded);
    }
  return ({ recorded }) => counted.has(recorded);
}
