import { describe, expect, it } from 'vitest';
import { defaultLoad, planCallers, quickLoad, shortOrders } from './levels.js';

const orders = Array.from({ length: 7 }, (_, i) => `order-${i}.flac`);
const level = { model: 'scripted', callsAtOnce: 3, callsEach: 2 } as const;
const options = { levels: [level], turns: 4, seed: 5 };
const filesOf = (plans: ReturnType<typeof planCallers>): string[] =>
  plans.flatMap(({ calls }) => calls.flatMap(({ turns }) => turns.map(({ file }) => file)));

describe('what the callers of a level do', () => {
  const plans = planCallers(orders, level, options);

  it('is as many callers as there are calls at once, each with all of its calls and turns', () => {
    expect(plans.map(({ calls }) => calls.map(({ turns }) => turns.length))).toEqual([
      [4, 4],
      [4, 4],
      [4, 4],
    ]);
  });

  it('begins at different moments, the first at once', () => {
    const begins = plans.map(({ beginsInMs }) => beginsInMs);
    expect(Math.min(...begins)).toBe(0);
    expect(new Set(begins).size).toBe(begins.length);
  });

  it('follows from the seed', () => {
    expect(planCallers(orders, level, options)).toEqual(plans);
    expect(planCallers(orders, level, { ...options, seed: 6 })).not.toEqual(plans);
  });

  it('takes every order about equally often', () => {
    const counts = orders.map((order) => filesOf(plans).filter((file) => file === order).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it('says the same in every level, as far as levels are equally long', () => {
    const alone = filesOf(planCallers(orders, { ...level, callsAtOnce: 1, callsEach: 6 }, options));
    expect(filesOf(plans).toSorted()).toEqual(alone.toSorted());
  });
});

describe('levels', () => {
  it('have one call at once for each model, which the others are held against', () => {
    for (const { levels } of [defaultLoad, quickLoad])
      for (const { model } of levels) expect(levels).toContainEqual(expect.objectContaining({ model, callsAtOnce: 1 }));
  });

  it('plan at least thirty turns each', () => {
    for (const { callsAtOnce, callsEach } of defaultLoad.levels)
      expect(callsAtOnce * callsEach * defaultLoad.turns).toBeGreaterThanOrEqual(30);
  });
});

it('short orders are those with the least speech', () => {
  const row = (file: string, startMs: number, endMs: number) => ({ file, startMs, endMs });
  expect(shortOrders([row('long', 0, 3_000), row('late', 5_000, 6_000), row('short', 0, 500)], 2)).toEqual([
    'short',
    'late',
  ]);
});
