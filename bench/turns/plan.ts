import { type Random, randomFrom, shuffled } from '../../src/testing/seeded-random.js';
import { interruptionCalls, type PlannedCall, type PlannedTurn, type TurnKind } from '../call/plan.js';

/** How many of each kind of turn a run has. */
export type MixOptions = {
  readonly orders: number;
  /** Orders with pauses inside phrases. */
  readonly pausedOrders: number;
  readonly numbers: number;
  readonly yesNo: number;
  /** Turns of each conversation. */
  readonly turnsPerCall: number;
  /** Orders that break into an answer. */
  readonly interruptions: number;
  /** Stop words that break into an answer. */
  readonly stopWords: number;
  /** Answers over which something else is heard. */
  readonly overlaps: number;
  /** Answers whose echo the agent hears. */
  readonly echoes: number;
  readonly seed: number;
};

export const defaultMix: MixOptions = {
  orders: 31,
  pausedOrders: 31,
  numbers: 20,
  yesNo: 20,
  turnsPerCall: 9,
  interruptions: 14,
  stopWords: 7,
  overlaps: 18,
  echoes: 12,
  seed: 11,
};

/** What there is to say, by kind. */
export type MixMaterial = Readonly<Record<Exclude<TurnKind, 'sentence'>, readonly string[]>> & {
  /** Orders for calls in which it does not matter how long their ends are waited for. */
  readonly answeredOrders: readonly string[];
};

const overlapsPerCall = 6;
/** Short calls, so that there are many greetings and every loudspeaker has its turn. */
const echoesPerCall = 3;
const stopWordsPerCall = 7;
/** Into the answer: late enough that there is one to stop. */
const stopWordAfterMs = 1_500;

/**
 * One shuffled mix: conversations of plain orders, orders with pauses, dictated numbers and yes-or-no answers, and calls in
 * which something happens while the agent speaks. The same seed and material give the same calls. What somebody answers
 * with yes or no follows an order, behind which the agent asks whether there is anything else.
 */
export function planMix(material: MixMaterial, mix: MixOptions): PlannedCall[] {
  const random = randomFrom(mix.seed);
  const talk = conversations(random, material, mix);
  const orders = shuffled(random, material.answeredOrders);
  const breakIns = interruptionCalls(orders, mix.interruptions);
  const stops = stopWordCalls(shuffled(random, material['stop-word']), orders, mix.stopWords);
  const overlaps = answersOf('overlap', orders, mix.overlaps, overlapsPerCall);
  const echoes = answersOf('echo', orders, mix.echoes, echoesPerCall);
  return shuffled(random, [...talk, ...breakIns, ...stops, ...overlaps, ...echoes]);
}

function conversations(random: Random, material: MixMaterial, mix: MixOptions): PlannedCall[] {
  const said = (kind: Exclude<TurnKind, 'sentence'>, count: number): PlannedTurn[] =>
    shuffled(random, material[kind])
      .slice(0, count)
      .map((file) => ({ kind, file }));
  const answers = said('yes-no', mix.yesNo);
  const asked = shuffled(random, [...said('order', mix.orders), ...said('paused-order', mix.pausedOrders)]).map(
    (turn) => {
      const answer = answers.pop();
      return answer ? [turn, answer] : [turn];
    },
  );
  const numbers = said('number', mix.numbers).map((turn) => [turn]);
  const turns = shuffled(random, [...asked, ...numbers]);
  const calls: PlannedCall[] = [];
  for (let call: PlannedTurn[] = []; turns.length > 0 || call.length > 0; ) {
    call.push(...(turns.shift() ?? []));
    if (call.length < mix.turnsPerCall && turns.length > 0) continue;
    calls.push({ kind: 'conversation', turns: call, bargeInsMs: [] });
    call = [];
  }
  return calls;
}

/** Each stop word breaks into the answer to an order; what the agent says to the stop word is heard out. */
function stopWordCalls(words: readonly string[], orders: string[], count: number): PlannedCall[] {
  const left = words.slice(0, count);
  const calls: PlannedCall[] = [];
  while (left.length > 0) {
    const turns: PlannedTurn[] = [];
    const bargeInsMs: number[] = [];
    for (const word of left.splice(0, stopWordsPerCall)) {
      const order = orders.shift();
      if (order === undefined) return calls;
      turns.push({ kind: 'order', file: order }, { kind: 'stop-word', file: word });
      bargeInsMs.push(stopWordAfterMs, Number.POSITIVE_INFINITY);
    }
    calls.push({ kind: 'interruption', turns, bargeInsMs });
  }
  return calls;
}

function answersOf(kind: 'overlap' | 'echo', orders: string[], count: number, perCall: number): PlannedCall[] {
  const calls: PlannedCall[] = [];
  for (let left = count; left > 0; left -= perCall) {
    const turns = orders.splice(0, Math.min(left, perCall)).map((file): PlannedTurn => ({ kind: 'order', file }));
    if (turns.length > 0) calls.push({ kind, turns, bargeInsMs: [] });
  }
  return calls;
}
