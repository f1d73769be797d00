import { describe, expect, it } from 'vitest';
import { createResampler } from './resampler.js';

/** Gain in dB of a second of a full-scale tone, without the edges. */
function gainDb(fromHz: number, toHz: number, toneHz: number): number {
  const resampler = createResampler(fromHz, toHz);
  const output: number[] = [];
  for (let at = 0; at < fromHz; at += 441) {
    const block = Float32Array.from({ length: 441 }, (_, i) => Math.sin((2 * Math.PI * toneHz * (at + i)) / fromHz));
    output.push(...resampler.push(block));
  }
  const steady = output.slice(1_000, toHz - 1_000);
  return 10 * Math.log10((2 * steady.reduce((sum, sample) => sum + sample * sample, 0)) / steady.length);
}

describe('the resampler', () => {
  it.each([
    [44_100, 24_000, 1_000],
    [24_000, 44_100, 9_000],
    [48_000, 24_000, 9_000],
  ])('keeps the level of a tone in the band: %i to %i Hz', (fromHz, toHz, toneHz) => {
    expect(Math.abs(gainDb(fromHz, toHz, toneHz))).toBeLessThan(0.1);
  });

  it('removes what would fold back', () => {
    expect(gainDb(48_000, 24_000, 14_000)).toBeLessThan(-60);
  });

  it('passes samples through where the rates are the same', () => {
    const samples = Float32Array.of(0.1, -0.2);
    expect(createResampler(24_000, 24_000).push(samples)).toBe(samples);
  });

  it('begins anew after a reset', () => {
    const resampler = createResampler(48_000, 24_000);
    const block = new Float32Array(480).fill(0.5);
    const first = resampler.push(block);
    resampler.push(block);
    resampler.reset();
    expect(resampler.push(block)).toEqual(first);
  });
});
