import type { CallAnalysis } from '../../src/analyser/analyse-call.js';
import {
  bootstrap,
  type ConfidenceInterval,
  type Distribution,
  describe,
  percentile,
} from '../../src/analyser/statistics.js';
import { type Summary, summarise } from '../../src/analyser/summary.js';
import type { Row } from '../support/report.js';
import { type MeasuredCall, type MeasuredTurn, measuredTurns, timesOf } from './measured-turn.js';

/** A silence after the caller's turn that nobody would take for thinking, ms. */
const deadAirMs = 2_500;

type TurnFilter = (turn: MeasuredTurn) => boolean;

/** The analyser's summary of some turns of each call. */
export function summaryOf(calls: readonly MeasuredCall[], wanted: TurnFilter): Summary {
  return summarise(calls.map((call) => withTurns(call, wanted)));
}

function withTurns(call: MeasuredCall, wanted: TurnFilter): CallAnalysis {
  const kept = new Set(
    measuredTurns(call)
      .filter(wanted)
      .map(({ recorded }) => recorded),
  );
  return { ...call.analysis, turns: call.analysis.turns.filter((turn) => kept.has(turn)) };
}

export const isFirst: TurnFilter = ({ recorded }) => recorded.turn === 1;
export const isLater: TurnFilter = ({ recorded }) => recorded.turn > 1;

/** Response latency and failed turns of one group of turns, as a row of the main table. */
export function turnRow(name: string, calls: readonly MeasuredCall[], wanted: TurnFilter): Row {
  const summary = summaryOf(calls, wanted);
  const latency = summary.response_latency_all_turns;
  return {
    turns: name,
    n: latency.n,
    'response_latency P50 ms': rounded(latency.p50),
    'P50 95 % CI': intervalText(latency.p50Ci95),
    'P90 ms': rounded(latency.p90),
    'P95 ms': rounded(latency.p95),
    'max ms': rounded(latency.max),
    'cut off': rateText(summary.false_cutoff_rate),
    missed: rateText(summary.missed_turn_rate),
    'dead air > 2.5 s': calls.flatMap(measuredTurns).filter((turn) => wanted(turn) && hasDeadAir(turn)).length,
  };
}

export function hasDeadAir({ recorded }: MeasuredTurn): boolean {
  return recorded.deadAirMs > deadAirMs;
}

/** 95 % interval of the P95 of the response latency, by bootstrap over calls. */
export function p95Interval(calls: readonly MeasuredCall[], wanted: TurnFilter): ConfidenceInterval | null {
  return bootstrap(
    valuesOf(calls, wanted, (turn) => timesOf(turn)?.responseMs),
    (values) => percentile(values, 95),
  );
}

/** What is measured of a turn; null or undefined where the turn has none. */
type Figure = {
  readonly name: string;
  readonly basis: 'recording' | 'server';
  readonly of: (turn: MeasuredTurn) => number | null | undefined;
};

/** Metric definitions beside the analyser's: times from `t_eos` of the recording, in ms. */
export const figures = [
  { name: 'response_latency ms', basis: 'recording', of: (turn) => timesOf(turn)?.responseMs },
  {
    name: 'response_latency_content ms',
    basis: 'server',
    of: (turn) => timesOf(turn)?.mark?.contentMs,
  },
  { name: 'handoff ms', basis: 'server', of: (turn) => timesOf(turn)?.mark?.handoffMs },
  { name: 'eou_delay ms', basis: 'server', of: (turn) => timesOf(turn)?.mark?.eouDelayMs },
  { name: 'ready ms', basis: 'server', of: (turn) => timesOf(turn)?.mark?.readyMs },
  { name: 'transport_out ms', basis: 'server', of: (turn) => timesOf(turn)?.mark?.transportOutMs },
  { name: 'gap_within_reply ms', basis: 'server', of: ({ mark }) => mark?.gap_within_reply_ms },
  { name: 'digital_silence_within_reply ms', basis: 'recording', of: ({ reply }) => reply?.digitalSilenceMs },
  {
    name: 'longest pause in a reply beyond a natural one ms',
    basis: 'recording',
    of: ({ reply }) => (reply ? Math.max(0, ...reply.pauseExcessMs) : null),
  },
  { name: 'drafts', basis: 'server', of: ({ mark }) => mark?.drafts },
  { name: 'tokens computed for the adopted reply', basis: 'server', of: ({ mark }) => mark?.tokens?.computed },
] as const satisfies readonly Figure[];

export type FigureName = (typeof figures)[number]['name'];

/** One figure over the turns of the calls; the first turn of each call apart. */
export function figureOf(figure: Figure, calls: readonly MeasuredCall[]): { first: Distribution; later: Distribution } {
  return {
    first: describe(valuesOf(calls, isFirst, figure.of)),
    later: describe(valuesOf(calls, isLater, figure.of)),
  };
}

export function figureRow(figure: Figure, calls: readonly MeasuredCall[]): Row {
  const { first, later } = figureOf(figure, calls);
  return {
    figure: figure.name,
    basis: figure.basis,
    n: later.n,
    P50: rounded(later.p50),
    P90: rounded(later.p90),
    P95: rounded(later.p95),
    max: rounded(later.max),
    'first turns: n, P50, P95': `${first.n}, ${rounded(first.p50)}, ${rounded(first.p95)}`,
  };
}

function valuesOf(calls: readonly MeasuredCall[], wanted: TurnFilter, of: Figure['of']): number[][] {
  return calls.map((call) =>
    measuredTurns(call)
      .filter(wanted)
      .flatMap((turn) => of(turn) ?? []),
  );
}

export function rateText({ count, of }: { readonly count: number; readonly of: number }): string {
  return `${count} of ${of}`;
}

export function intervalText(interval: ConfidenceInterval | null): string {
  return interval === null ? '–' : `${rounded(interval.low)}-${rounded(interval.high)}`;
}

export function rounded(value: number | null): string {
  return value === null ? '–' : String(Math.round(value));
}
