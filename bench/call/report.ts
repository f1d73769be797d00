import type { OrderLabel } from '../scoring/order-vocabulary.js';
import type { BenchResult } from '../support/report.js';
import {
  figureOf,
  figureRow,
  figures,
  hasDeadAir,
  intervalText,
  isFirst,
  isLater,
  p95Interval,
  rateText,
  rounded,
  summaryOf,
  turnRow,
} from './figures.js';
import { interruptionRows } from './interruptions.js';
import { isStuck, type MeasuredCall, measuredTurns } from './measured-turn.js';
import { openerUse } from './openers.js';
import type { PlanOptions } from './plan.js';
import { judgeReplies } from './replies.js';
import { addingUp, addsUpWithinMs, medianSteps } from './waterfall.js';

/** What a run of calls gave. `failed`: calls that did not come about, with the reason. */
export type CallRun = {
  readonly plan: PlanOptions;
  readonly calls: readonly MeasuredCall[];
  readonly failed: readonly string[];
};

/** The tables and sentences of a run. */
export function callReport(run: CallRun, labels: ReadonlyMap<string, OrderLabel>): BenchResult {
  const conversations = run.calls.filter(({ plan }) => plan.kind === 'conversation');
  const breakIns = run.calls.filter(({ plan }) => plan.kind === 'interruption');
  const turns = conversations.flatMap(measuredTurns);
  const addsUp = addingUp(turns);
  const use = openerUse(conversations.map(measuredTurns));
  const verdict = judgeReplies(turns, labels);
  const groups = [
    ['first of each call', conversations, isFirst],
    ['later', conversations, isLater],
    ['orders', conversations, ({ planned }) => planned.kind === 'order'],
    ['read sentences', conversations, ({ planned }) => planned.kind === 'sentence'],
    ['all', conversations, () => true],
    ['interruption calls', breakIns, () => true],
  ] as const satisfies readonly (readonly [string, readonly MeasuredCall[], Parameters<typeof turnRow>[2]])[];
  return {
    title: `Calls over the socket: ${conversations.length} conversations (${turns.length} turns)${breakIns.length > 0 ? ` and calls with interruptions (${breakIns.length})` : ''}, agent-first greeting, seed ${run.plan.seed}`,
    rows: groups.filter(([, calls]) => calls.length > 0).map(([name, calls, wanted]) => turnRow(name, calls, wanted)),
    more: [
      ...(conversations.length > 0
        ? [
            {
              title: 'Turns behind the first of each call, from the end of speech',
              rows: figures.map((figure) => figureRow(figure, conversations)),
            },
          ]
        : []),
      ...(breakIns.length > 0 ? [{ title: 'Interruptions', rows: interruptionRows(breakIns) }] : []),
    ],
    notes: [
      ...headline(conversations),
      ...waterfallNotes(addsUp, medianSteps(turns)),
      ...openerNotes(use),
      ...draftNotes(turns),
      ...replyNotes(verdict),
      ...healthNotes(run),
    ],
    details: {
      plan: run.plan,
      failed: run.failed,
      figures: figures.map((figure) => ({ ...figure, ...figureOf(figure, conversations) })),
      addsUp,
      openers: use,
      verdict,
      calls: run.calls.map((call) => ({
        plan: call.plan,
        ended: call.result.ended,
        failure: call.result.failure?.message ?? null,
        stuck: isStuck(call),
        player: call.result.player,
        pacing: call.result.pacing,
        serverErrors: call.result.serverErrors,
        turns: call.result.turns,
        analysis: call.analysis.turns,
        replies: call.analysis.replies,
      })),
    },
  };
}

function headline(conversations: readonly MeasuredCall[]): string[] {
  if (conversations.length === 0) return [];
  const summary = summaryOf(conversations, () => true);
  const discards = Object.entries(summary.discards).filter(([, count]) => count > 0);
  const reasons = discards.map(([reason, count]) => `${reason} ${count}`).join(', ');
  return [
    `P95 of the later turns: 95 % CI ${intervalText(p95Interval(conversations, isLater))} ms; intervals by bootstrap over calls.`,
    `Discarded from the latency: ${reasons || 'none'}.${summary.publishable ? '' : ' Fewer than 100 usable turns behind the first of each call: not for publication.'}`,
  ];
}

export function waterfallNotes(addsUp: ReturnType<typeof addingUp>, steps: ReturnType<typeof medianSteps>): string[] {
  if (addsUp.n === 0) return [];
  const { speechEndErrorMs: error, onServersClock } = addsUp;
  return [
    `Adds up: response_latency of the recording against eou_delay + max(0, ready - eou_delay) + transport_out of the server, both from the labelled end of speech: ${addsUp.within} of ${addsUp.n} turns within ${addsUpWithinMs} ms, median difference ${rounded(addsUp.medianMs)} ms, largest ${rounded(addsUp.largestMs)} ms; ${addsUp.without} answered turns without an account.`,
    ...(error
      ? [
          `End of speech as the server found it, after the labelled one: P50 ${rounded(error.p50)} ms, P5 ${rounded(error.p5)}, P95 ${rounded(error.p95)}; with the terms left on it, ${onServersClock.within} of ${addsUp.n} turns add up, largest difference ${rounded(onServersClock.largestMs)} ms.`,
        ]
      : []),
    `Waterfall, medians of the server's marks in ms after its end of speech: ${steps.map(([name, ms]) => `${name} ${rounded(ms)}`).join(', ')}.`,
  ];
}

export function openerNotes(use: ReturnType<typeof openerUse>): string[] {
  if (use.n === 0) return [];
  const saved = use.savedMs
    ? ` First content follows the first sound after P50 ${rounded(use.savedMs.p50)} ms, P95 ${rounded(use.savedMs.p95)} ms: the time saved.`
    : '';
  return [
    `Openers: on ${use.used} of ${use.n} turns (${rounded((100 * use.used) / use.n)} %), ${use.hits} of ${use.used} joined without a gap, ${use.repeatedWithinThree} repeated within three turns; a filler bridged ${use.bridged} turns.${saved}`,
    `Phrase cache: ${use.clauses.hits} of ${use.clauses.hits + use.clauses.misses} clauses were audio already, which saved ${rounded(use.clauses.savedMs / use.n)} ms of computing a turn.`,
  ];
}

function draftNotes(turns: ReturnType<typeof measuredTurns>): string[] {
  const drafts = turns.flatMap(({ mark }) => mark?.drafts ?? []);
  if (drafts.length === 0) return [];
  const begun = drafts.reduce((sum, count) => sum + count, 0);
  // A turn that answers without a draft has none to discard.
  const discarded = drafts.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
  return [
    `Drafts: ${(begun / drafts.length).toFixed(2)} a turn; ${discarded} of ${begun} thrown away (${rounded((100 * discarded) / Math.max(1, begun))} %), on ${drafts.filter((count) => count > 1).length} of ${drafts.length} turns.`,
  ];
}

function replyNotes(verdict: ReturnType<typeof judgeReplies>): string[] {
  if (!verdict) return [];
  const { own, shuffled } = verdict.all;
  const { first } = verdict;
  return [
    `Orders: ${rateText({ count: own.contains, of: own.n })} replies contain a slot value of their order, ${own.contradicts} contradict it; against shuffled labels ${shuffled.passes} pass. First turns alone: ${rateText({ count: first.contains, of: first.n })}, ${first.contradicts} contradict.`,
  ];
}

/** What speaks against the figures, or against the server. */
export function healthNotes({ calls, failed }: Pick<CallRun, 'calls' | 'failed'>): string[] {
  const turns = calls.flatMap(measuredTurns);
  const sum = (pick: (call: MeasuredCall) => number): number => calls.reduce((total, call) => total + pick(call), 0);
  const late = sum(({ result }) => result.pacing.lateSteps);
  const latestMs = Math.max(0, ...calls.map(({ result }) => result.pacing.latestMs));
  const { missed_turn_rate: missed } = summaryOf(calls, () => true);
  const stuck = calls.filter(isStuck).length + failed.length;
  const unlike = turns.filter(({ recorded: { disagreement } }) => Math.abs(disagreement?.endMs ?? 0) > 200).length;
  return [
    `In all calls: ${rateText(missed)} turns missed, dead air over 2.5 s on ${turns.filter(hasDeadAir).length}, ${rateText({ count: stuck, of: calls.length + failed.length })} calls stuck.`,
    ...failed.map((reason) => `No call came about: ${reason}`),
    `As the caller's player saw it: audio ran out inside replies ${sum(({ result }) => result.player.underruns)} times, ${rounded(sum(({ result }) => result.player.underrunMs))} ms in all. Errors from the server: ${sum(({ result }) => result.serverErrors.length)}.`,
    `The caller itself was late ${late} times (by ${rounded(latestMs)} ms at most). The label and the level disagree on the end of speech by more than 200 ms on ${unlike} turns.`,
  ];
}
