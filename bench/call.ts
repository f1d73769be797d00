import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Option } from 'commander';
import { makeCalls } from './call/make-calls.js';
import { defaultPlan, type PlanOptions, planCalls, type RecordingKind } from './call/plan.js';
import { recordedClip, recordingSet } from './call/recorded-clip.js';
import { callReport } from './call/report.js';
import type { OrderLabel } from './scoring/order-vocabulary.js';
import { type BenchFlags, wholeNumber } from './support/bench.js';
import { audioDir } from './support/recordings.js';
import type { BenchResult } from './support/report.js';

/** The turns of one kind only, in conversations, or the calls with interruptions only. */
type Only = RecordingKind | 'interruption';

export type CallFlags = BenchFlags & {
  readonly calls: number;
  readonly turns: number;
  readonly interruptions: number;
  readonly seed: number;
  readonly only?: Only;
  readonly keep?: string;
};

const onlyChoices: readonly Only[] = ['order', 'sentence', 'interruption'];

export const callOptions = [
  new Option('--calls <n>', 'conversations').argParser(wholeNumber).default(defaultPlan.calls),
  new Option('--turns <n>', 'turns of each conversation').argParser(wholeNumber).default(defaultPlan.turns),
  new Option('--interruptions <n>', 'interruptions in all').argParser(wholeNumber).default(defaultPlan.interruptions),
  new Option('--seed <n>', 'which recordings meet in a call').argParser(wholeNumber).default(defaultPlan.seed),
  new Option('--only <kind>', 'turns of one kind, or interruptions, only').choices(onlyChoices),
  new Option('--keep <dir>', 'keep recordings of the calls here'),
];

/** Whole calls of several turns over the socket to a server process of their own, judged from their recordings. */
export async function benchCall(flags: CallFlags): Promise<BenchResult> {
  const dir = audioDir(flags.audio);
  const recordings = {
    order: await recordingSet(join(dir, 'coffee-orders')),
    sentence: await recordingSet(join(dir, 'librispeech-other')),
  };
  const options = planOptions(flags);
  const files = (kind: RecordingKind, unwanted: RecordingKind): string[] =>
    flags.only === unwanted ? [] : [...recordings[kind].rows.keys()];
  const plan = planCalls({ order: files('order', 'sentence'), sentence: files('sentence', 'order') }, options);
  const made = await makeCalls({
    plan,
    clipOf: (turn, call) => recordedClip(turn.file, recordings[turn.kind], call.kind),
    ...(flags.keep === undefined ? {} : { keep: flags.keep }),
  });
  return callReport({ plan: options, ...made }, await orderLabels(dir));
}

function planOptions({ calls, turns, interruptions, seed, only, limit }: CallFlags): PlanOptions {
  return {
    calls: only === 'interruption' ? 0 : calls,
    turns,
    interruptions: only === undefined || only === 'interruption' ? Math.min(interruptions, limit ?? interruptions) : 0,
    seed,
    ...(limit === undefined ? {} : { mostOfEachKind: limit }),
  };
}

async function orderLabels(dir: string): Promise<Map<string, OrderLabel>> {
  const text = await readFile(join(dir, 'coffee-orders/labels.json'), 'utf8');
  return new Map(Object.entries(JSON.parse(text) as Record<string, OrderLabel>));
}
