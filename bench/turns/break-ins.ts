import { describe } from '../../src/analyser/statistics.js';
import { rounded } from '../call/figures.js';
import type { MadeCall } from '../call/make-calls.js';
import type { Row } from '../support/report.js';
import { heardLoweredMs } from './lowered.js';

/** An interruption that was meant, as the caller heard it: times from the onset of their speech. */
export type BreakIn = {
  readonly kind: 'order' | 'stop word';
  /** Undefined when the agent had ended before. */
  readonly stopMs: number | undefined;
  readonly yieldMs: number | undefined;
};

export function breakInsOf(call: MadeCall): BreakIn[] {
  const { planned, measured, log, result } = call;
  return planned.bargeInsMs.flatMap((afterMs, index): BreakIn[] => {
    if (!Number.isFinite(afterMs)) return [];
    const kind = planned.turns[index + 1]?.kind === 'stop-word' ? 'stop word' : 'order';
    const turn = measured.analysis.turns[index + 1];
    const bargeIn = turn?.bargeIn;
    if (!bargeIn) return [{ kind, stopMs: undefined, yieldMs: undefined }];
    return [{ kind, stopMs: bargeIn.stopLatencyMs, yieldMs: heardLoweredMs(log, result, bargeIn) }];
  });
}

export function breakInRows(breakIns: readonly BreakIn[]): Row[] {
  const row = (name: string, own: readonly BreakIn[]): Row => {
    const stops = describe([own.flatMap(({ stopMs }) => stopMs ?? [])]);
    const yields = describe([own.flatMap(({ yieldMs }) => yieldMs ?? [])]);
    return {
      'breaks in with': name,
      n: stops.n,
      'agent was not speaking': own.length - stops.n,
      'yield_ms P50': rounded(yields.p50),
      'yield_ms P95': rounded(yields.p95),
      'stop_ms P50': rounded(stops.p50),
      'stop_ms P95': rounded(stops.p95),
      'stop_ms max': rounded(stops.max),
      'stopped within 2 s': own.filter(({ stopMs }) => stopMs !== undefined && stopMs <= 2_000).length,
    };
  };
  if (breakIns.length === 0) return [];
  const kinds = ['order', 'stop word'] as const;
  return [
    ...kinds.map((kind) =>
      row(
        kind,
        breakIns.filter((each) => each.kind === kind),
      ),
    ),
    row('all', breakIns),
  ];
}
