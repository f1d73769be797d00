import fc from 'fast-check';
import { expect, it } from 'vitest';
import { resultKinds, type Treatment } from '../../src/testing/disorder.js';
import { type CallStep, RandomCall, type World } from './support/random-call.js';

const lateMs = fc.integer({ min: 10, max: 3_000 });

const treatment: fc.Arbitrary<Treatment> = fc.oneof(
  fc.record({ how: fc.constant('late' as const), ms: lateMs }),
  fc.record({ how: fc.constant('twice' as const), againMs: lateMs }),
  fc.record({ how: fc.constantFrom('lost' as const, 'hung' as const, 'failed' as const) }),
);

const step: fc.Arbitrary<CallStep> = fc.oneof(
  { weight: 7, arbitrary: fc.record({ do: fc.constant('say' as const), words: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.oneof(fc.integer({ min: 10, max: 1_500 }), fc.integer({ min: 1_500, max: 6_000 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('noise' as const), ms: fc.integer({ min: 30, max: 500 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'write' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stall' as const), ms: fc.integer({ min: 20, max: 2_500 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom<'commit' | 'clear' | 'respond' | 'cancel'>('commit', 'clear', 'respond', 'cancel'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('disorder' as const), of: fc.constantFrom(...resultKinds), treatment }),
  },
);

const lastSteps: fc.Arbitrary<readonly CallStep[]> = fc.constantFrom<readonly CallStep[]>(
  [],
  [],
  [],
  [],
  [{ do: 'wind-down' }, { do: 'wait', ms: 2_000 }],
  [{ do: 'hang-up' }],
);

const world: fc.Arbitrary<World> = fc.record({
  client: fc.constantFrom<World['client']>('plain', 'truncates', 'marks'),
  networkMs: fc.constantFrom(0, 0, 60, 150),
  greet: fc.boolean(),
  openers: fc.boolean(),
  budget: fc.boolean(),
  emptyEvery: fc.constantFrom(0, 0, 3),
  sure: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
});

const seed = Number(process.env.PARLEY_SEED ?? 1);
const numRuns = Number(process.env.PARLEY_RUNS ?? 60);
const path = process.env.PARLEY_PATH;

it(
  'whatever callers do and whatever becomes of the engines, every turn is answered, once, and remembered as it was heard',
  async () => {
    let turns = 0;
    const rejected: unknown[] = [];
    const onRejected = (reason: unknown): void => {
      rejected.push(reason);
    };
    process.on('unhandledRejection', onRejected);
    try {
      await fc.assert(
        fc.asyncProperty(
          world,
          fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }),
          lastSteps,
          async (world, steps, last) => {
            const call = await RandomCall.open(world);
            for (const each of [...steps, ...last]) await call.do(each);
            await call.settle();
            const { turns: taken, replies, ...wrong } = await call.end();
            turns += taken;
            const nothing = {
              missed: [],
              stuck: [],
              lowered: [],
              overlapping: [],
              stale: [],
              history: [],
              written: [],
            };
            expect(wrong).toEqual(nothing);
            expect(rejected.splice(0)).toEqual([]);
          },
        ),
        { seed, numRuns, ...(path ? { path } : {}) },
      );
    } finally {
      process.off('unhandledRejection', onRejected);
    }
    console.log(`${numRuns} calls, ${turns} turns`);
  },
  60_000 + 2_000 * numRuns,
);
