/** The confidence of several that are multiplied, per one of them: one bad value pulls it down. 0 for none. */
export function geometricMean(values: readonly number[]): number {
  if (values.length === 0) return 0;
  return Math.exp(values.reduce((sum, value) => sum + Math.log(Math.max(value, 1e-9)), 0) / values.length);
}
