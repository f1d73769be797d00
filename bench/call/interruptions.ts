import { describe } from '../../src/analyser/statistics.js';
import type { Row } from '../support/report.js';
import { rounded } from './figures.js';
import type { MeasuredCall } from './measured-turn.js';

/** Rows of barge-in: onset of speech over the agent to the agent's last audible sample, by the time into its answer. */
export function interruptionRows(calls: readonly MeasuredCall[]): Row[] {
  const tried = calls.flatMap(({ plan, analysis }) =>
    plan.bargeInsMs.map((delayMs, index) => ({ delayMs, bargeIn: analysis.turns[index + 1]?.bargeIn ?? null })),
  );
  const delays = [...new Set(tried.map(({ delayMs }) => delayMs))].sort((a, b) => a - b);
  const row = (name: string, group: typeof tried): Row => {
    const hits = group.flatMap(({ bargeIn }) => bargeIn ?? []);
    const stop = describe([hits.map(({ stopLatencyMs }) => stopLatencyMs)]);
    return {
      'into the answer': name,
      interruptions: stop.n,
      'agent was not speaking': group.length - stop.n,
      'barge_in_stop_latency P50 ms': rounded(stop.p50),
      'P95 ms': rounded(stop.p95),
      'max ms': rounded(stop.max),
      'stopped within 2 s': hits.filter(({ success }) => success).length,
    };
  };
  return [
    ...delays.map((delayMs) =>
      row(
        `${delayMs / 1000} s`,
        tried.filter((each) => each.delayMs === delayMs),
      ),
    ),
    ...(tried.length > 0 ? [row('all', tried)] : []),
  ];
}
