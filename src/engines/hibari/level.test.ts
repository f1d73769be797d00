import { describe, expect, it } from 'vitest';
import { setLevel } from './level.js';

describe('the output level', () => {
  it('is linear for ordinary samples and stays below full scale for any', () => {
    const samples = Float32Array.of(0.1, -0.1, 0.6, 5, -5, Number.POSITIVE_INFINITY);
    setLevel(samples);
    expect(samples[0]).toBeCloseTo(0.16, 6);
    expect(samples[1]).toBeCloseTo(-0.16, 6);
    expect(samples[2]).toBeLessThan(0.96);
    for (const sample of samples) expect(Math.abs(sample)).toBeLessThanOrEqual(1);
  });

  it('keeps the order of loud samples', () => {
    const samples = Float32Array.of(0.55, 0.56, 0.6, 0.65);
    setLevel(samples);
    expect([...samples]).toEqual([...samples].sort((a, b) => a - b));
    expect(new Set(samples).size).toBe(4);
  });

  it('makes silence of what is not a number', () => {
    const samples = Float32Array.of(Number.NaN);
    setLevel(samples);
    expect(samples[0]).toBe(0);
  });
});
