import { describe, expect, it } from 'vitest';
import { pulseTrain, RATE_HZ } from './pulses.js';
import { clippedExp, unitAt, unitAtTanh } from './spectral-tables.js';
import { SPECTRUM_BINS, Vocoder, type VoiceSpectrum } from './vocoder.js';

/** A voice that says the same in every frame; magnitudes are natural logarithms. */
function steady(frames: number, { lh = -30, ln = -30, lr = -30, hz = 0 }): VoiceSpectrum {
  const filled = (value: number) => new Float32Array(SPECTRUM_BINS * frames).fill(value);
  const f0 = new Float32Array(frames).fill(hz);
  return { frames, lh: filled(lh), theta: filled(0), ln: filled(ln), lr: filled(lr), phi: filled(0), f0 };
}

function magnitudeAt(samples: Float32Array, hz: number): number {
  let re = 0;
  let im = 0;
  samples.forEach((x, n) => {
    re += x * Math.cos((2 * Math.PI * hz * n) / RATE_HZ);
    im += x * Math.sin((2 * Math.PI * hz * n) / RATE_HZ);
  });
  return (2 * Math.hypot(re, im)) / samples.length;
}

describe('the tables', () => {
  it('agree with the functions that they stand for', () => {
    const cell = { re: 0, im: 0 };
    for (let x = -20; x <= 7; x += 0.37) expect(Math.abs(clippedExp(x) / Math.exp(x) - 1)).toBeLessThan(2e-5);
    expect(clippedExp(99)).toBeCloseTo(Math.exp(7), 2);
    for (let x = -9; x <= 9; x += 0.173) {
      unitAt(x, cell);
      expect(Math.hypot(cell.re - Math.cos(x), cell.im - Math.sin(x))).toBeLessThan(2e-5);
      unitAtTanh(x, cell);
      const angle = Math.PI * Math.tanh(x);
      expect(Math.hypot(cell.re - Math.cos(angle), cell.im - Math.sin(angle))).toBeLessThan(5e-5);
    }
  });
});

describe('the pulse train', () => {
  it('is the sum of all cosines up to 11 kHz', () => {
    const { samples } = pulseTrain(new Float32Array(4).fill(1_000));
    for (const n of [0, 5, 100, 777]) {
      let sum = 0;
      for (let h = 1; h <= 11; h++) sum += Math.cos((2 * Math.PI * h * 1_000 * (n + 1)) / RATE_HZ);
      expect(samples[n]).toBeCloseTo(sum, 4);
    }
  });

  it('is silent and marked so where the voice is unvoiced', () => {
    const { samples, voiced } = pulseTrain(Float32Array.of(0, 0, 0, 0, 200, 200));
    expect(samples.subarray(0, 900).every((x) => x === 0)).toBe(true);
    expect([...voiced]).toEqual([0, 0, 0, 1, 1, 1]);
  });
});

describe('the vocoder', () => {
  it('gives each harmonic the magnitude that the network asked for', () => {
    const samples = new Vocoder().render(steady(40, { lh: Math.log(30), hz: 200 }), 1).subarray(2_400, 9_600);
    for (const hz of [200, 1_000, 5_000]) expect(magnitudeAt(samples, hz)).toBeCloseTo(0.1, 3);
    expect(magnitudeAt(samples, 300)).toBeLessThan(1e-3);
  });

  it('gives noise where there is no pitch, the same for the same seed', () => {
    const voice = steady(20, { ln: 0 });
    const vocoder = new Vocoder();
    const first = vocoder.render(voice, 7);
    const rms = Math.sqrt(first.reduce((sum, x) => sum + x * x, 0) / first.length);
    expect(rms).toBeGreaterThan(0.01);
    expect(vocoder.render(voice, 7)).toEqual(first);
    expect(vocoder.render(voice, 8)).not.toEqual(first);
  });

  it('gives 300 finite samples per frame, for no frame and for one too', () => {
    const vocoder = new Vocoder();
    for (const frames of [0, 1, 2, 3, 5]) {
      const samples = vocoder.render(steady(frames, { lh: 0, ln: 0, lr: 0, hz: 150 }), 3);
      expect(samples).toHaveLength(300 * frames);
      expect(samples.every(Number.isFinite)).toBe(true);
    }
  });
});
