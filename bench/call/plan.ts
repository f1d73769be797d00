import { randomFrom, shuffled } from '../../src/testing/seeded-random.js';

export type RecordingKind = 'order' | 'sentence';

/** One recording as one turn of the caller. */
export type PlannedTurn = { readonly kind: RecordingKind; readonly file: string };

/**
 * A call to be made. In a `conversation` the caller waits until each answer is over; in an `interruption` call they
 * begin turn `i + 1` `bargeInsMs[i]` into the answer to turn `i`.
 */
export type PlannedCall = {
  readonly kind: 'conversation' | 'interruption';
  readonly turns: readonly PlannedTurn[];
  readonly bargeInsMs: readonly number[];
};

export type PlanOptions = {
  /** Conversations. */
  readonly calls: number;
  /** Turns of each conversation. */
  readonly turns: number;
  /** Interruptions in all. */
  readonly interruptions: number;
  readonly seed: number;
  /** At most so many recordings of each kind in conversations. @defaultValue all of them */
  readonly mostOfEachKind?: number;
};

/** 105 turns behind the first of each call: 100 are the field's bar for publishing, and some will be discarded. */
export const defaultPlan: PlanOptions = { calls: 15, turns: 8, interruptions: 27, seed: 7 };

/** Every third turn of a conversation is a read sentence, the others are orders. */
const sentenceEvery = 3;
/** How far into the agent's answer the caller breaks in, in turn. */
const bargeInDelaysMs = [500, 1_500, 3_000];
const interruptionsPerCall = 7;

/**
 * Plans calls over recorded speech; the same seed and recordings give the same calls. No recording is used twice: when
 * one kind runs out, the other fills its place, and when both do, the plan ends. So it may hold less than was asked.
 * The place of the sentences moves from call to call, so that first turns are a sample of both kinds.
 */
export function planCalls(
  recordings: Readonly<Record<RecordingKind, readonly string[]>>,
  options: PlanOptions,
): PlannedCall[] {
  const random = randomFrom(options.seed);
  const orders = shuffled(random, recordings.order);
  const sentences = shuffled(random, recordings.sentence);
  const breakIns = interruptionCalls(orders, options.interruptions);
  const most = options.mostOfEachKind;
  return [...conversations(orders.slice(0, most), sentences.slice(0, most), options), ...breakIns];
}

/** Takes its orders from the end of the list. */
function interruptionCalls(orders: string[], interruptions: number): PlannedCall[] {
  const calls: PlannedCall[] = [];
  for (let left = interruptions; left > 0; left -= interruptionsPerCall) {
    const wanted = Math.min(left, interruptionsPerCall) + 1;
    const turns = orders.splice(-wanted).map((file): PlannedTurn => ({ kind: 'order', file }));
    if (turns.length < 2) break;
    const offset = calls.length;
    const bargeInsMs = turns
      .slice(1)
      .map((_, index) => bargeInDelaysMs[(index + offset) % bargeInDelaysMs.length] as number);
    calls.push({ kind: 'interruption', turns, bargeInsMs });
  }
  return calls;
}

function conversations(orders: string[], sentences: string[], options: PlanOptions): PlannedCall[] {
  const calls: PlannedCall[] = [];
  const take = (kind: RecordingKind): PlannedTurn | undefined => {
    const file = (kind === 'order' ? orders : sentences).shift();
    return file === undefined ? undefined : { kind, file };
  };
  for (let call = 0; call < options.calls; call++) {
    const turns: PlannedTurn[] = [];
    for (let turn = 0; turn < options.turns; turn++) {
      const next =
        (call + turn) % sentenceEvery === 0 ? (take('sentence') ?? take('order')) : (take('order') ?? take('sentence'));
      if (next) turns.push(next);
    }
    if (turns.length === 0) break;
    calls.push({ kind: 'conversation', turns, bargeInsMs: [] });
  }
  return calls;
}
