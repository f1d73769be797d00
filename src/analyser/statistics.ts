import { ParleyError } from '../audio/error.js';

/**
 * Percentile by linear interpolation between order statistics (Hyndman and Fan 1996, type 7: the default of R and
 * NumPy). `percent` is 0..100.
 *
 * @throws ParleyError `analyser.no_values` for an empty list.
 */
export function percentile(values: Iterable<number>, percent: number): number {
  return percentileOfSorted(Float64Array.from(values).sort(), percent);
}

/** {@link percentile} of values already in ascending order. */
export function percentileOfSorted(sorted: ArrayLike<number>, percent: number): number {
  if (sorted.length === 0) {
    throw new ParleyError('There is no percentile of no values; check that the list is not empty first.', {
      code: 'analyser.no_values',
    });
  }
  const position = (Math.min(100, Math.max(0, percent)) / 100) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (position - below);
}

/** Random numbers in [0, 1) from a 32-bit seed: the mixing function of SplitMix (Steele et al. 2014), 32-bit variant. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A 95 % confidence interval. */
export type ConfidenceInterval = { readonly low: number; readonly high: number };

/**
 * Percentile bootstrap (Efron 1979) of a statistic over clustered values: whole clusters (calls) are drawn with
 * replacement, because the turns of one call are not independent. The same seed gives the same interval. `null` when
 * fewer than two clusters have values: one call says nothing about the spread between calls.
 */
export function bootstrap(
  clusters: readonly (readonly number[])[],
  statistic: (values: readonly number[]) => number,
  options: { readonly seed?: number; readonly resamples?: number } = {},
): ConfidenceInterval | null {
  const filled = clusters.filter((cluster) => cluster.length > 0);
  if (filled.length < 2) return null;
  const random = seededRandom(options.seed ?? 1);
  const resamples = options.resamples ?? 1000;
  const estimates = new Float64Array(resamples);
  for (let round = 0; round < resamples; round++) {
    const drawn: number[] = [];
    for (let i = 0; i < filled.length; i++) {
      for (const value of filled[Math.floor(random() * filled.length)] as readonly number[]) drawn.push(value);
    }
    estimates[round] = statistic(drawn);
  }
  estimates.sort();
  return { low: percentileOfSorted(estimates, 2.5), high: percentileOfSorted(estimates, 97.5) };
}

/** The figures published of a set of measurements; all `null` but `n` when there are none. */
export type Distribution = {
  readonly n: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** 95 % interval of the P50, by bootstrap over calls; `null` with fewer than two calls. */
  readonly p50Ci95: ConfidenceInterval | null;
};

/** Describes the values of several calls, one list per call. */
export function describe(calls: readonly (readonly number[])[], seed = 1): Distribution {
  const sorted = Float64Array.from(calls.flat()).sort();
  if (sorted.length === 0) return { n: 0, p50: null, p90: null, p95: null, p99: null, max: null, p50Ci95: null };
  return {
    n: sorted.length,
    p50: percentileOfSorted(sorted, 50),
    p90: percentileOfSorted(sorted, 90),
    p95: percentileOfSorted(sorted, 95),
    p99: percentileOfSorted(sorted, 99),
    max: percentileOfSorted(sorted, 100),
    p50Ci95: bootstrap(calls, (values) => percentile(values, 50), { seed }),
  };
}
