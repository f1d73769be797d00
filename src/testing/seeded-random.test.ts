import { describe, expect, it } from 'vitest';
import { between, gaussian, pick, randomFrom, shuffled, whiteNoise } from './seeded-random.js';

describe('seeded random numbers', () => {
  it('follow from their seed', () => {
    const draw = (seed: number): number[] => {
      const random = randomFrom(seed);
      return Array.from({ length: 5 }, random);
    };
    expect(draw(9)).toEqual(draw(9));
    expect(draw(9)).not.toEqual(draw(10));
  });

  it('are spread as they say', () => {
    const random = randomFrom(1);
    const even = Array.from({ length: 10_000 }, () => between(random, 3, 7));
    expect(Math.min(...even)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...even)).toBeLessThan(7);
    expect(even.reduce((sum, value) => sum + value, 0) / even.length).toBeCloseTo(5, 1);
    const normal = Array.from({ length: 10_000 }, () => gaussian(random));
    expect(normal.reduce((sum, value) => sum + value * value, 0) / normal.length).toBeCloseTo(1, 1);
    expect(normal.filter((value) => Math.abs(value) < 1).length / normal.length).toBeCloseTo(0.683, 1);
    const noise = whiteNoise(random, 10_000);
    expect(noise.reduce((sum, value) => sum + value * value, 0) / noise.length).toBeCloseTo(1, 1);
  });

  it('pick and shuffle without losing any', () => {
    const random = randomFrom(2);
    const items = ['a', 'b', 'c', 'd'];
    expect(new Set(Array.from({ length: 100 }, () => pick(random, items)))).toEqual(new Set(items));
    expect(pick(random, [])).toBeUndefined();
    expect(shuffled(random, items).sort()).toEqual(items);
    const orders = new Set(Array.from({ length: 500 }, () => shuffled(random, items).join('')));
    expect(orders.size).toBe(24);
  });
});
