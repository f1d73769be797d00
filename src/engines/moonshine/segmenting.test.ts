import { describe, expect, it } from 'vitest';
import { concatSamples, samplesOf } from '../../audio/frame.js';
import { findSeam } from './segmenting.js';

const rateHz = 16_000;
const speech = (ms: number, level = 0.3): Float32Array =>
  Float32Array.from({ length: samplesOf(ms, rateHz) }, (_, i) => level * Math.sin(i * 0.2));
const room = (ms: number): Float32Array => speech(ms, 0.0005);
const word = (startMs: number, endMs: number) => ({ startMs, endMs });
const seamMs = (samples: Float32Array, words: readonly { startMs: number; endMs: number }[]): number =>
  (findSeam(samples, words) / rateHz) * 1_000;

describe('the seam of a long stretch', () => {
  it('lies in a pause between two words', () => {
    const seam = seamMs(concatSamples([speech(6_000), room(400), speech(4_000)]), [
      word(0, 6_000),
      word(6_400, 10_000),
    ]);
    expect(seam).toBeGreaterThan(6_000);
    expect(seam).toBeLessThan(6_400);
  });

  it('does not lie in a word, however quiet the word is in the middle', () => {
    const audio = concatSamples([speech(5_000), room(300), speech(2_000), speech(200, 0.05), speech(3_000)]);
    const seam = seamMs(audio, [word(0, 7_300), word(7_500, 10_500)]);
    expect(Math.abs(seam - 7_400)).toBeLessThanOrEqual(150);
  });

  it('is the later of two pauses that are as good', () => {
    const audio = concatSamples([speech(5_000), room(300), speech(3_000), room(300), speech(3_000)]);
    const seam = seamMs(audio, [word(0, 5_000), word(5_300, 8_300), word(8_600, 11_600)]);
    expect(seam).toBeGreaterThan(8_300);
    expect(seam).toBeLessThan(8_600);
  });

  it('leaves the end alone, whose word may not be finished, and the beginning', () => {
    const audio = concatSamples([speech(1_000), room(300), speech(8_000), room(300)]);
    const seam = seamMs(audio, [word(0, 1_000), word(1_300, 5_000), word(5_000, 9_300)]);
    expect(Math.abs(seam - 5_000)).toBeLessThanOrEqual(60);
  });

  it('is near the end where nothing was said', () => {
    for (const audio of [room(14_000), new Float32Array(14 * rateHz)]) {
      const seam = seamMs(audio, []);
      expect(seam).toBeGreaterThan(12_000);
      expect(seam).toBeLessThan(14_000);
    }
    expect(findSeam(new Float32Array(0), [])).toBe(0);
  });
});
