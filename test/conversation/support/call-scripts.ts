import { resultKinds } from '../../../src/testing/disorder.js';
import type { CallStep } from './random-call.js';

/** mulberry32 (T. Ettinger, public domain): a small generator whose sequence follows from its seed. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Chance = {
  readonly between: (from: number, to: number) => number;
  readonly oneOf: <T>(things: readonly T[]) => T;
};

export function chanceFrom(seed: number): Chance {
  const random = randomFrom(seed);
  const between = (from: number, to: number): number => Math.round(from + (to - from) * random());
  return { between, oneOf: (things) => things[between(0, things.length - 1)] as (typeof things)[number] };
}

const say = (words: number): CallStep => ({ do: 'say', words });
const wait = (ms: number): CallStep => ({ do: 'wait', ms });
/** A word of tones and the gap behind it. */
const wordsMs = (words: number): number => words * 290;
const heardOut = ({ between }: Chance): CallStep => wait(between(4_000, 7_000));

/** What one caller does in one exchange with the agent, as kinds that people know from calls. */
export const callScripts = {
  order: (chance) => {
    const words = chance.between(3, 7);
    return [say(words), wait(wordsMs(words)), heardOut(chance)];
  },
  'order with pauses': (chance) => [
    say(2),
    wait(wordsMs(2) + chance.between(300, 1_500)),
    say(3),
    wait(wordsMs(3) + chance.between(300, 1_500)),
    say(1),
    heardOut(chance),
  ],
  'dictated number': (chance) => [
    ...Array.from({ length: 10 }, () => [say(1), wait(wordsMs(1) + chance.between(300, 1_200))]).flat(),
    heardOut(chance),
  ],
  'yes or no': (chance) => [say(1), heardOut(chance)],
  correction: (chance) => [say(3), wait(wordsMs(3) + chance.between(50, 500)), say(4), heardOut(chance)],
  monologue: (chance) => {
    const words = chance.between(40, 90);
    return [say(words), wait(wordsMs(words)), heardOut(chance)];
  },
  'barge-in': (chance) => [
    say(3),
    wait(wordsMs(3) + chance.between(900, 3_500)),
    say(chance.between(2, 5)),
    heardOut(chance),
  ],
  'both begin at once': (chance) => [say(2), wait(wordsMs(2) + chance.between(400, 1_200)), say(2), heardOut(chance)],
  backchannels: (chance) => [
    say(4),
    wait(wordsMs(4) + chance.between(1_000, 2_500)),
    { do: 'noise', ms: chance.between(60, 250) },
    wait(chance.between(300, 1_500)),
    { do: 'noise', ms: chance.between(60, 250) },
    heardOut(chance),
  ],
  'coughs in silence': (chance) => [{ do: 'noise', ms: chance.between(80, 400) }, heardOut(chance)],
  silence: (chance) => [wait(chance.between(5_000, 12_000)), say(2), heardOut(chance)],
  'packets lost': (chance) => [
    say(5),
    wait(chance.between(100, 900)),
    { do: 'stall', ms: chance.between(20, 2_000) },
    heardOut(chance),
  ],
  'push to talk': (chance) => [say(3), wait(chance.between(600, 1_200)), { do: 'commit' }, heardOut(chance)],
  'asked by the client': (chance) => [
    { do: 'respond' },
    wait(chance.between(200, 2_500)),
    { do: 'cancel' },
    wait(500),
    say(2),
    heardOut(chance),
  ],
  'taken back': (chance) => [
    say(3),
    wait(chance.between(200, 1_200)),
    { do: 'clear' },
    wait(1_000),
    say(2),
    heardOut(chance),
  ],
  'engines in trouble': (chance) => [
    ...Array.from({ length: chance.between(1, 4) }, () => trouble(chance)),
    say(3),
    wait(wordsMs(3) + chance.between(500, 3_000)),
    trouble(chance),
    heardOut(chance),
    heardOut(chance),
  ],
} as const satisfies Readonly<Record<string, (chance: Chance) => readonly CallStep[]>>;

export const scriptNames = Object.keys(callScripts) as readonly (keyof typeof callScripts)[];

function trouble(chance: Chance): CallStep {
  const of = chance.oneOf(resultKinds);
  const ms = chance.between(20, 3_000);
  const treatment = chance.oneOf([
    { how: 'late', ms },
    { how: 'twice', againMs: ms },
    { how: 'lost' },
    { how: 'hung' },
    { how: 'failed' },
  ] as const);
  return { do: 'disorder', of, treatment };
}
