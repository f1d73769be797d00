import { describe, expect, it } from 'vitest';
import { bandPass, butterworthQ, createBiquadFilter, highPass, lowPass } from './biquad.js';
import { rmsDb } from './loudness.js';

const rateHz = 16_000;

/** Gain at `hz` once the filter has settled. */
function gainDb(sections: Parameters<typeof createBiquadFilter>[0], hz: number): number {
  const tone = new Float32Array(16_000).map((_, i) => Math.sin((2 * Math.PI * hz * i) / rateHz));
  return rmsDb(createBiquadFilter(sections)(tone).subarray(8_000)) - rmsDb(tone.subarray(8_000));
}

describe('second-order sections', () => {
  it('lose 3 dB at the corner and 12 dB per octave beyond it', () => {
    for (const [section, beyond] of [
      [lowPass(1_000, rateHz), [2_000, 4_000]],
      [highPass(1_000, rateHz), [250, 500]],
    ] as const) {
      expect(gainDb([section], 1_000)).toBeCloseTo(-3.01, 1);
      for (const hz of beyond) expect(gainDb([section], hz)).toBeLessThan(-12);
    }
    expect(gainDb([lowPass(1_000, rateHz)], 100)).toBeCloseTo(0, 1);
    expect(gainDb([highPass(1_000, rateHz)], 6_000)).toBeCloseTo(0, 1);
  });

  it('pass a band at full level, as wide as its quality says', () => {
    expect(gainDb([bandPass(1_000, rateHz, 4)], 1_000)).toBeCloseTo(0, 1);
    // Half power at the edges of a band of 250 Hz around 1,000 (geometric middle).
    expect(gainDb([bandPass(1_000, rateHz, 4)], 883)).toBeCloseTo(-3, 0);
    expect(gainDb([bandPass(1_000, rateHz, 4)], 1_133)).toBeCloseTo(-3, 0);
  });

  it('in a row multiply, and keep their memory from piece to piece', () => {
    const sections = [lowPass(1_000, rateHz, butterworthQ), lowPass(1_000, rateHz, butterworthQ)];
    expect(gainDb(sections, 1_000)).toBeCloseTo(-6.02, 1);
    const noise = new Float32Array(5_000).map((_, i) => Math.sin(i * i * 0.01));
    const whole = createBiquadFilter(sections)(noise);
    const filter = createBiquadFilter(sections);
    for (let at = 0; at < noise.length; at += 333)
      expect(filter(noise.subarray(at, at + 333))).toEqual(whole.subarray(at, Math.min(noise.length, at + 333)));
  });
});
