import { expect, it, describe as suite } from 'vitest';
import { bootstrap, describe, percentile, seededRandom } from './statistics.js';

suite('percentile', () => {
  it('interpolates between order statistics like NumPy does by default', () => {
    expect(percentile([4, 1, 3, 2], 50)).toBe(2.5);
    expect(percentile([15, 20, 35, 40, 50], 40)).toBeCloseTo(29, 10);
    expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 95)).toBeCloseTo(9.55, 10);
  });

  it('gives the extremes at 0 and 100 and the value itself of one value', () => {
    expect([percentile([3, -1, 2], 0), percentile([3, -1, 2], 100), percentile([7], 99)]).toEqual([-1, 3, 7]);
  });

  it('sorts by number, not by text, and leaves the input as it was', () => {
    const values = [100, 9, 10];
    expect(percentile(values, 50)).toBe(10);
    expect(values).toEqual([100, 9, 10]);
  });

  it('refuses an empty list', () => {
    expect(() => percentile([], 50)).toThrow(/no values/);
  });
});

suite('bootstrap', () => {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const random = seededRandom(5);
  const independent = Array.from({ length: 40 }, () => [800 + 200 * random()]);

  it('gives the same interval for the same seed and another for another', () => {
    expect(bootstrap(independent, mean, { seed: 3 })).toEqual(bootstrap(independent, mean, { seed: 3 }));
    expect(bootstrap(independent, mean, { seed: 3 })).not.toEqual(bootstrap(independent, mean, { seed: 4 }));
  });

  it('comes near the interval of theory for a mean of independent values', () => {
    const interval = bootstrap(independent, mean);
    const halfWidth = (1.96 * (200 / Math.sqrt(12))) / Math.sqrt(40);
    expect(interval?.high).toBeGreaterThan(mean(independent.flat()));
    expect(((interval?.high ?? 0) - (interval?.low ?? 0)) / 2 / halfWidth).toBeGreaterThan(0.7);
    expect(((interval?.high ?? 0) - (interval?.low ?? 0)) / 2 / halfWidth).toBeLessThan(1.3);
  });

  it('is wider when the values of a call are alike, since the calls are what is drawn', () => {
    const calls = Array.from({ length: 8 }, (_, call) => new Array<number>(10).fill(500 + 50 * call));
    const clustered = bootstrap(calls, mean);
    const asIfIndependent = bootstrap(
      calls.flat().map((value) => [value]),
      mean,
    );
    const width = (interval: typeof clustered) => (interval?.high ?? 0) - (interval?.low ?? 0);
    expect(width(clustered)).toBeGreaterThan(2 * width(asIfIndependent));
  });

  it('knows nothing from a single call', () => {
    expect(bootstrap([[1, 2, 3], []], mean)).toBeNull();
  });
});

suite('describe', () => {
  it('pools the calls and counts', () => {
    expect(describe([[100, 200], [300]])).toMatchObject({ n: 3, p50: 200, p90: 280, max: 300 });
  });

  it('reports nothing but n = 0 of nothing', () => {
    expect(describe([[], []])).toEqual({ n: 0, p50: null, p90: null, p95: null, p99: null, max: null, p50Ci95: null });
  });
});

suite('seededRandom', () => {
  it('is uniform enough on [0, 1)', () => {
    const random = seededRandom(42);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const value = random();
      expect(value >= 0 && value < 1).toBe(true);
      counts[Math.floor(value * 10)] = (counts[Math.floor(value * 10)] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(130);
  });
});
