import { type CompletenessModels, completenessModels } from '../src/conversation/turn/completeness.js';
import { defaultTurnSettings, type EndpointingSettings } from '../src/conversation/turn/settings.js';
import { fitCompleteness, policyOf, tuneCurve } from './endpointing/fit.js';
import { hearTurns } from './endpointing/heard-turns.js';
import { describe, type JudgedTurn, judge, mean, ofKind, type Policy } from './endpointing/judge.js';
import { type Ears, isHeldOut, planTurns } from './endpointing/spoken-turns.js';
import { startWordReader, type WordReader } from './endpointing/word-reader.js';
import type { BenchFlags } from './support/bench.js';
import { startEars } from './support/engines.js';
import { audioDir } from './support/recordings.js';
import type { BenchResult, Row } from './support/report.js';

export type EndpointingFlags = BenchFlags & { readonly cache?: string };

/** Turns with pauses that may be cut off by what is tuned, 0..1: less than the goal, for what is held out is harder. */
const tunedCut = 0.035;
const shipped = defaultTurnSettings.endpointing;

/** How long turns are waited for and whom that cuts off, on one half of the speakers; tuned on the other. */
export async function benchEndpointing(flags: EndpointingFlags): Promise<BenchResult> {
  const planned = await planTurns(audioDir(flags.audio), flags.limit);
  let started: Promise<readonly [Ears, WordReader]> | undefined;
  const open = async () => {
    started ??= Promise.all([startEars(), startWordReader()]);
    const [ears, reader] = await started;
    return { ...ears, read: reader.read };
  };
  const heard = await hearTurns(planned, open, flags.cache);
  await Promise.all((await started)?.map((engine) => engine.close()) ?? []);
  const turns = planned.flatMap((each): JudgedTurn[] => {
    const result = heard.get(each.id);
    return result ? [{ planned: each, heard: result }] : [];
  });
  const tuning = turns.filter(({ planned }) => !isHeldOut(planned.speaker));
  const heldOut = turns.filter(({ planned }) => isHeldOut(planned.speaker));
  const model = fitCompleteness(ofKind(tuning, 'order', 'paused order', 'sentence', 'yes-no'));
  const tuningOrders = halfPaused(tuning);
  const settings = tuneCurve(tuningOrders, model, tunedCut);
  const policies: readonly (readonly [string, Policy])[] = [
    ['shipped', policyOf(shipped, completenessModels)],
    ['fitted now', policyOf(settings, model)],
    ['voice activity only', tuned(tuningOrders, silences.map(fixedWait))],
    ['smart-turn, fixed threshold', tuned(tuningOrders, thresholds)],
  ];
  return {
    title: 'Endpointing: the wait against cut-off turns, on speakers that nothing was tuned on',
    rows: policies.map(([policy, wait]) => ({ policy, ...describe(judge(halfPaused(heldOut), wait)) })),
    more: [
      { title: 'The shipped policy by kind', rows: byKind(turns, heldOut) },
      { title: 'Mean delay at a share of cut-off turns with pauses', rows: curves(halfPaused(heldOut), model) },
    ],
    notes: [
      'First table: orders, once as recorded and once with pauses put in. Delay: labelled end of speech to the decision.',
      `Held out: half of the files by their hash (orders, whose speakers are not known), half of the readers and of the digit speakers. The sound of yes and no is one voice, moved in pitch and formants.`,
      `Fitted now: ${describeSettings(settings)}`,
      JSON.stringify(rounded(model)),
    ],
    details: { settings, model, shipped, heard: [...heard.values()] },
  };
}

/** As many orders without as with pauses: each order once as it is, and once with pauses. */
function halfPaused(turns: readonly JudgedTurn[]): JudgedTurn[] {
  const first = ofKind(turns, 'paused order').filter(({ planned }) => planned.id.endsWith('/1'));
  return [...ofKind(turns, 'order'), ...first];
}

const silences = [300, 400, 500, 600, 700, 800, 900, 1_000, 1_100, 1_200, 1_300, 1_400, 1_500, 1_600, 1_800];

function fixedWait(silenceMs: number): Policy {
  return () => silenceMs;
}

/** At once where the model's answer is above a threshold, else a fixed wait: as it is commonly used. */
function byThreshold(threshold: number, elseMs: number): Policy {
  return ({ looks }) => ((looks[0]?.probability ?? 0) >= threshold ? 0 : elseMs);
}

const thresholds = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98].flatMap((threshold) =>
  silences.filter((ms) => ms >= 800).map((ms) => byThreshold(threshold, ms)),
);

function tuned(turns: readonly JudgedTurn[], policies: readonly Policy[]): Policy {
  const judged = policies.map((policy) => ({ policy, result: judge(turns, policy) }));
  const allowed = judged.filter(({ result }) => result.pausingCut <= tunedCut * result.pausing);
  const best = allowed.sort((a, b) => mean(a.result.delaysMs) - mean(b.result.delaysMs))[0];
  return best?.policy ?? fixedWait(silences.at(-1) ?? 0);
}

function byKind(turns: readonly JudgedTurn[], heldOut: readonly JudgedTurn[]): Row[] {
  const policy = policyOf(shipped, completenessModels);
  const row = (kind: string, of: readonly JudgedTurn[]): Row => ({ kind, ...describe(judge(of, policy)) });
  return [
    row('orders, held out', ofKind(heldOut, 'order')),
    row('orders with pauses, held out', ofKind(heldOut, 'paused order')),
    row('read sentences, held out', ofKind(heldOut, 'sentence')),
    // Nothing about these two is fitted: what decides is the expected answer.
    row('ten digits, a gap after each', ofKind(turns, 'number')),
    row('ten digits in groups', ofKind(turns, 'number in groups')),
    row('yes or no', ofKind(turns, 'yes-no')),
  ].filter(({ n }) => n !== 0);
}

/** The fastest of each family that cuts off at most so many, on the same turns: the shape of the trade-off, not a promise. */
function curves(turns: readonly JudgedTurn[], model: CompletenessModels): Row[] {
  const midpoints = Array.from({ length: 20 }, (_, index) => 0.05 * (index + 1));
  const families: readonly (readonly [string, readonly Policy[]])[] = [
    [
      'shipped model, midpoint moved',
      midpoints.map((midpoint) => policyOf({ ...shipped, midpoint }, completenessModels)),
    ],
    ['fitted now, midpoint moved', midpoints.map((midpoint) => policyOf({ ...shipped, midpoint }, model))],
    ['voice activity only', silences.map(fixedWait)],
    ['smart-turn, fixed threshold', thresholds],
  ];
  return families.map(([policy, all]) => {
    const judged = all.map((each) => judge(turns, each));
    const at = (share: number): string => {
      const allowed = judged.filter(({ pausing, pausingCut }) => pausingCut <= share * pausing);
      const best = allowed.map(({ delaysMs }) => mean(delaysMs)).sort((a, b) => a - b)[0];
      return best === undefined ? '–' : best.toFixed(0);
    };
    const cutAt = (waitMs: number): string => {
      const near = judged.filter(({ delaysMs }) => mean(delaysMs) <= waitMs);
      const least = Math.min(...near.map(({ pausing, pausingCut }) => pausingCut / Math.max(1, pausing)));
      return Number.isFinite(least) ? (100 * least).toFixed(1) : '–';
    };
    return {
      policy,
      'ms at 5 %': at(0.05),
      'ms at 10 %': at(0.1),
      '% at 600 ms': cutAt(600),
      '% at 1000 ms': cutAt(1_000),
    };
  });
}

function describeSettings({ minWaitMs, maxWaitMs, midpoint, steepness }: EndpointingSettings): string {
  return `minWaitMs ${minWaitMs}, maxWaitMs ${maxWaitMs}, midpoint ${midpoint}, steepness ${steepness}`;
}

function rounded(model: CompletenessModels): unknown {
  return JSON.parse(
    JSON.stringify(model, (_, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(2)) : value)),
  );
}
