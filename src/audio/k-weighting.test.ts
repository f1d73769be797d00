import { describe, expect, it } from 'vitest';
import { integratedLufs, kWeighting } from './k-weighting.js';
import { silenceDb } from './loudness.js';

function sine(hz: number, db: number, seconds: number, rateHz: number): Float32Array {
  const amplitude = 10 ** (db / 20);
  return new Float32Array(seconds * rateHz).map((_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / rateHz));
}

describe('K weighting', () => {
  it('has the coefficients of the Recommendation at 48 kHz', () => {
    const [shelf, rumble] = kWeighting(48_000);
    expect(shelf?.b0).toBeCloseTo(1.53512485958697, 10);
    expect(shelf?.b1).toBeCloseTo(-2.69169618940638, 10);
    expect(shelf?.b2).toBeCloseTo(1.19839281085285, 10);
    expect(shelf?.a1).toBeCloseTo(-1.69065929318241, 10);
    expect(shelf?.a2).toBeCloseTo(0.73248077421585, 10);
    expect(rumble?.a1).toBeCloseTo(-1.99004745483398, 10);
    expect(rumble?.a2).toBeCloseTo(0.99007225036621, 10);
  });
});

describe('integrated loudness', () => {
  it.each([48_000, 24_000, 16_000])('of a full-scale sine of 997 Hz is -3.01 LUFS at %d Hz', (rateHz) => {
    expect(Math.abs(integratedLufs(sine(997, 0, 5, rateHz), rateHz) + 3.01)).toBeLessThan(0.2);
    expect(Math.abs(integratedLufs(sine(997, -20, 5, rateHz), rateHz) + 23.01)).toBeLessThan(0.2);
  });

  it('does not count pauses: 10 dB below the rest is silence', () => {
    const joined = new Float32Array(16_000 * 20);
    joined.set(sine(997, -20, 10, 16_000));
    joined.set(sine(997, -45, 10, 16_000), 160_000);
    expect(Math.abs(integratedLufs(joined, 16_000) + 23.01)).toBeLessThan(0.3);
  });

  it('of silence and of less than a block is none', () => {
    expect(integratedLufs(new Float32Array(32_000), 16_000)).toBe(silenceDb);
    expect(integratedLufs(sine(997, -80, 3, 16_000), 16_000)).toBe(silenceDb);
    expect(integratedLufs(sine(997, 0, 0.25, 16_000), 16_000)).toBe(silenceDb);
    expect(integratedLufs(new Float32Array(0), 16_000)).toBe(silenceDb);
  });
});
