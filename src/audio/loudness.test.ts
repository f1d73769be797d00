import { describe, expect, it } from 'vitest';
import { applyGainRamp, dbOf, gainOf, peak, rms, rmsDb, rmsEnvelope, silenceDb } from './loudness.js';

const sine = Float32Array.from({ length: 16_000 }, (_, i) => Math.sin((2 * Math.PI * 100 * i) / 16_000));

describe('levels', () => {
  it('measures a full-scale sine', () => {
    expect(rms(sine)).toBeCloseTo(Math.SQRT1_2, 6);
    expect(rmsDb(sine)).toBeCloseTo(-3.0103, 3);
    expect(peak(sine)).toBeCloseTo(1, 6);
    expect(peak(sine.map((sample) => Math.min(sample, 0)))).toBeCloseTo(1, 6);
  });

  it('gives a finite floor for silence and for nothing', () => {
    for (const samples of [new Float32Array(100), new Float32Array(0)]) {
      expect(rms(samples)).toBe(0);
      expect(peak(samples)).toBe(0);
      expect(rmsDb(samples)).toBe(silenceDb);
    }
    expect(dbOf(1e-30)).toBe(silenceDb);
  });

  it('converts between ratio and dB', () => {
    expect(gainOf(-12)).toBeCloseTo(0.2512, 4);
    expect(dbOf(gainOf(-37))).toBeCloseTo(-37, 9);
  });
});

describe('rmsEnvelope', () => {
  it('gives one value for each 10 ms', () => {
    const samples = new Float32Array(480);
    samples.fill(0.5, 160, 320);
    expect([...rmsEnvelope(samples, 16_000)]).toEqual([0, 0.5, 0]);
  });

  it('measures an unfinished last hop by itself', () => {
    expect([...rmsEnvelope(new Float32Array(170).fill(0.25), 16_000, 10)]).toEqual([0.25, 0.25]);
  });

  it('does not drift where a hop is not a whole number of samples', () => {
    const samples = new Float32Array(11_025 * 4);
    samples.fill(1, 11_025 * 3);
    const envelope = rmsEnvelope(samples, 11_025, 10);
    expect(envelope.length).toBe(400);
    expect(envelope.findIndex((value) => value > 0.5)).toBe(300);
  });

  it('gives nothing for nothing', () => {
    expect(rmsEnvelope(new Float32Array(0), 8_000).length).toBe(0);
  });
});

describe('applyGainRamp', () => {
  it('reaches the new gain at its last sample and leaves the input alone', () => {
    const ones = new Float32Array(4).fill(1);
    expect([...applyGainRamp(ones, 1, 0.5)]).toEqual([0.875, 0.75, 0.625, 0.5]);
    expect([...ones]).toEqual([1, 1, 1, 1]);
  });

  it('keeps every step alike across frames, so that nothing clicks', () => {
    const ones = new Float32Array(160).fill(1);
    const joined = [1, ...applyGainRamp(ones, 1, 0.5), ...applyGainRamp(ones, 0.5, 0)];
    for (let i = 1; i < joined.length; i++) {
      expect((joined[i - 1] as number) - (joined[i] as number)).toBeCloseTo(0.5 / 160, 6);
    }
  });

  it('is a plain gain when both ends are equal', () => {
    expect([...applyGainRamp(Float32Array.of(1, -0.5), 0.5, 0.5)]).toEqual([0.5, -0.25]);
    expect(applyGainRamp(new Float32Array(0), 1, 0).length).toBe(0);
  });
});
