import { describe, expect, it } from 'vitest';
import { shortenPauses } from './shorten-pauses.js';
import { voicedStretches } from './voiced-stretches.js';

const rateHz = 16_000;

/** Tones of `ms` at the given beginnings in a quiet room. */
function tones(lengthMs: number, startsMs: readonly number[], ms = 300): Float32Array {
  return Float32Array.from({ length: (lengthMs * rateHz) / 1000 }, (_, i) => {
    const atMs = (i / rateHz) * 1000;
    const speaks = startsMs.some((start) => atMs >= start && atMs < start + ms);
    return Math.sin(i / 5) * (speaks ? 0.3 : 0.0005);
  });
}

describe('pauses', () => {
  const samples = tones(5_000, [1_000, 2_000, 2_400, 4_000]);
  const stretches = voicedStretches(samples);

  it('part what is said from 200 ms on', () => {
    const ms = stretches.map(({ from, to }) => [from / 16, to / 16]);
    expect(ms).toEqual([
      [1_000, 1_300],
      [2_000, 2_700],
      [4_000, 4_300],
    ]);
  });

  it('are shortened between, before and behind what is said', () => {
    const shortened = shortenPauses(samples, stretches, 200);
    expect(shortened.samples.length / 16).toBe(200 + 300 + 200 + 700 + 200 + 300 + 200);
    expect(voicedStretches(shortened.samples)).toHaveLength(stretches.length);
  });

  it('that are short enough stay as they are', () => {
    const near = tones(2_000, [500, 1_050]);
    const shortened = shortenPauses(near, voicedStretches(near), 300);
    expect(Array.from(shortened.samples)).toEqual(Array.from(near.subarray(200 * 16, 1_660 * 16)));
  });

  it('are counted where a time is told', () => {
    const { originalMs } = shortenPauses(samples, stretches, 200);
    expect(originalMs(200)).toBe(1_000);
    expect(originalMs(200 + 300 + 200 + 50)).toBe(2_050);
    expect(originalMs(200 + 300 + 200 + 700 + 200)).toBe(4_000);
  });

  it('of silence leave nothing', () => {
    const silence = new Float32Array(16_000);
    expect(voicedStretches(silence)).toEqual([]);
    expect(shortenPauses(silence, [], 200).samples).toHaveLength(0);
  });
});
