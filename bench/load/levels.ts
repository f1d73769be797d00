import { between, randomFrom, shuffled } from '../../src/testing/seeded-random.js';
import type { PlannedCall } from '../call/plan.js';
import type { SpeechRow } from '../support/recordings.js';

/** Which language model answers: this machine's own, or one that takes its time without taking the machine's. */
export type ModelKind = 'local' | 'scripted';

/** So many calls at once, to a server that carries no more. */
export type Level = {
  readonly model: ModelKind;
  readonly callsAtOnce: number;
  /** Made one after another by each caller. */
  readonly callsEach: number;
};

/** What a caller does: waits, then makes one call after another. */
export type CallerPlan = {
  readonly beginsInMs: number;
  readonly calls: readonly PlannedCall<'order'>[];
};

export type LoadOptions = {
  readonly levels: readonly Level[];
  /** Of each call. */
  readonly turns: number;
  readonly seed: number;
};

/** Thirty turns of one caller, and more of several, whose first and last turns do not count. */
export const defaultLoad: LoadOptions = {
  levels: [
    { model: 'local', callsAtOnce: 1, callsEach: 5 },
    { model: 'local', callsAtOnce: 2, callsEach: 3 },
    { model: 'local', callsAtOnce: 4, callsEach: 2 },
    { model: 'scripted', callsAtOnce: 1, callsEach: 5 },
    { model: 'scripted', callsAtOnce: 4, callsEach: 2 },
    { model: 'scripted', callsAtOnce: 8, callsEach: 1 },
  ],
  turns: 6,
  seed: 11,
};

/** A look at whether everything works; its figures rest on a handful of turns. */
export const quickLoad: LoadOptions = {
  ...defaultLoad,
  levels: defaultLoad.levels.map((level) => ({ ...level, callsEach: 1 })),
  turns: 3,
};

/** About one turn: callers who began at the same moment would all stop speaking together. */
const staggerMs = 7_000;
/** The shortest orders: more turns in the same time, and fewer of them would be heard too often. */
const keptOrders = 36;

/** The orders that are spoken, shortest first. */
export function shortOrders(rows: readonly SpeechRow[], most = keptOrders): string[] {
  const lengthMs = ({ startMs, endMs }: SpeechRow): number => endMs - startMs;
  return rows
    .toSorted((a, b) => lengthMs(a) - lengthMs(b))
    .slice(0, most)
    .map(({ file }) => file);
}

/**
 * What the callers of a level do. All levels go through the same orders in the same sequence, from the beginning again
 * when they have run out, so that levels differ in load and not in what is said.
 */
export function planCallers(orders: readonly string[], level: Level, options: LoadOptions): CallerPlan[] {
  const { turns, seed } = options;
  const sequence = shuffled(randomFrom(seed), orders);
  const random = randomFrom(seed + level.callsAtOnce);
  const begins = Array.from({ length: level.callsAtOnce }, () => between(random, 0, staggerMs));
  return begins.map((beginMs, caller) => ({
    beginsInMs: beginMs - Math.min(...begins),
    calls: Array.from({ length: level.callsEach }, (_, round): PlannedCall<'order'> => {
      const first = (round * level.callsAtOnce + caller) * turns;
      const files = Array.from({ length: turns }, (_, turn) => sequence[(first + turn) % sequence.length] ?? []).flat();
      return { kind: 'conversation', turns: files.map((file) => ({ kind: 'order', file })), bargeInsMs: [] };
    }),
  }));
}
