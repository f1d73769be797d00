import { type Distribution, describe } from '../../src/analyser/statistics.js';
import {
  figureRow,
  figures,
  hasDeadAir,
  intervalText,
  isLater,
  p95Interval,
  rateText,
  rounded,
  summaryOf,
  turnRow,
} from '../call/figures.js';
import { isStuck, type MeasuredCall, type MeasuredTurn, measuredTurns, timesOf } from '../call/measured-turn.js';
import { openerUse } from '../call/openers.js';
import type { TurnKind } from '../call/plan.js';
import { healthNotes, openerNotes, waterfallNotes } from '../call/report.js';
import { addingUp, medianSteps } from '../call/waterfall.js';
import type { BenchResult, Row } from '../support/report.js';
import { type BreakIn, breakInRows } from './break-ins.js';
import { type DraftUse, draftNotes } from './drafts.js';
import { type EchoVerdict, echoNotes } from './judge-echo.js';
import { type OverlapVerdict, overlapRows } from './judge-overlaps.js';
import type { MixOptions } from './plan.js';

/** What a run of the mix gave. */
export type MixRun = {
  readonly mix: MixOptions;
  readonly calls: readonly MeasuredCall[];
  readonly failed: readonly string[];
  readonly breakIns: readonly BreakIn[];
  readonly overlaps: readonly OverlapVerdict[];
  readonly echo: EchoVerdict;
  readonly drafts: DraftUse;
  /** Seconds of processor time of all of the server's processes per minute of call. */
  readonly cpuSecondsPerMinute: number | undefined;
};

const kinds = ['order', 'paused-order', 'number', 'yes-no'] as const satisfies readonly TurnKind[];

export function mixReport(run: MixRun): BenchResult {
  const talk = run.calls.filter(({ plan }) => plan.kind === 'conversation');
  const turns = talk.flatMap(measuredTurns);
  const addsUp = addingUp(turns);
  return {
    title: `Turn-taking: ${talk.length} conversations (${turns.length} turns of natural orders, orders with pauses, dictated numbers, yes-or-no answers), ${run.breakIns.length} interruptions, ${run.overlaps.length} sounds over the agent; one configuration, one shuffled run, seed ${run.mix.seed}`,
    rows: [
      ...kinds.map((kind) => turnRow(kind, talk, ({ planned }) => planned.kind === kind)),
      turnRow('all', talk, () => true),
    ],
    more: [
      {
        title: 'Delay from the end of speech to the decision that the turn is over',
        rows: [
          ...kinds.map((kind) => delayRow(kind, talk, ({ planned }) => planned.kind === kind)),
          delayRow('orders and orders with pauses', talk, ({ planned }) => /order/.test(planned.kind)),
          delayRow('all', talk, () => true),
        ],
      },
      {
        title: 'Turns behind the first of each call, from the end of speech',
        rows: figures.map((figure) => figureRow(figure, talk)),
      },
      { title: 'The caller breaks in', rows: breakInRows(run.breakIns) },
      { title: 'Heard over the agent, and not meant for it', rows: overlapRows(run.overlaps) },
    ].filter(({ rows }) => rows.length > 0),
    notes: [
      `P95 of the later turns: 95 % CI ${intervalText(p95Interval(talk, isLater))} ms; intervals by bootstrap over calls.`,
      ...waterfallNotes(addsUp, medianSteps(turns)),
      ...openerNotes(openerUse(talk.map(measuredTurns))),
      ...draftNotes(run.drafts),
      ...echoNotes(run.echo),
      ...(run.cpuSecondsPerMinute === undefined
        ? []
        : [`Processor time of the server: ${run.cpuSecondsPerMinute.toFixed(1)} s per minute of call.`]),
      ...healthNotes(run),
    ],
    details: {
      ...run,
      calls: run.calls.map((call) => ({
        plan: call.plan,
        ended: call.result.ended,
        stuck: isStuck(call),
        turns: call.result.turns,
        analysis: call.analysis.turns,
      })),
    },
  };
}

function delayRow(name: string, calls: readonly MeasuredCall[], wanted: (turn: MeasuredTurn) => boolean): Row {
  const own = calls.map((call) => measuredTurns(call).filter(wanted));
  const delay: Distribution = describe(
    own.map((turns) => turns.flatMap((turn) => timesOf(turn)?.mark?.eouDelayMs ?? [])),
  );
  const all = delay.n > 0 ? own.flat().flatMap((turn) => timesOf(turn)?.mark?.eouDelayMs ?? []) : [];
  const summary = summaryOf(calls, wanted);
  return {
    turns: name,
    n: delay.n,
    'mean ms': rounded(all.length > 0 ? all.reduce((sum, ms) => sum + ms, 0) / all.length : null),
    'P50 ms': rounded(delay.p50),
    'P95 ms': rounded(delay.p95),
    'cut off': rateText(summary.false_cutoff_rate),
    'dead air > 2.5 s': own.flat().filter(hasDeadAir).length,
  };
}
