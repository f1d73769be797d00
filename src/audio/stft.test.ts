import { describe, expect, it } from 'vitest';
import { ParleyError } from './error.js';
import { createStft, hannWindow } from './stft.js';

function chirp(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => 0.6 * Math.sin(i * i * 2e-4) + 0.1 * Math.cos(i));
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] as number))), 0);
}

describe('hannWindow', () => {
  it('is periodic: it begins at 0, peaks in the middle and does not return to 0', () => {
    expect([...hannWindow(4)]).toEqual([0, 0.5, 1, 0.5]);
  });
});

describe('createStft', () => {
  it.each([
    [400, 160],
    [1_200, 300],
    [512, 128],
    [64, 32],
  ])('inverse(forward(x)) is x, size %i, hop %i', (sizeSamples, hopSamples) => {
    const stft = createStft({ sizeSamples, hopSamples });
    const samples = chirp(hopSamples * 20);
    const spectrogram = stft.forward(samples);
    expect(spectrogram.frames).toBe(21);
    expect(spectrogram.bins).toBe(sizeSamples / 2 + 1);
    const back = stft.inverse(spectrogram);
    expect(back.length).toBe(samples.length);
    expect(largestDifference(back, samples)).toBeLessThan(2e-6);
  });

  it('gives back F * hop samples of F frames when asked to', () => {
    const stft = createStft({ sizeSamples: 1_200, hopSamples: 300 });
    const samples = chirp(300 * 12);
    const spectrogram = stft.forward(samples, 12);
    expect(spectrogram.frames).toBe(12);
    expect(largestDifference(stft.inverse(spectrogram, samples.length), samples)).toBeLessThan(2e-5);
  });

  it('can be put together frame by frame, divided by overlapGain', () => {
    const stft = createStft({ sizeSamples: 1_200, hopSamples: 300 });
    expect(stft.overlapGain).toBeCloseTo(1.5, 5);
    const samples = chirp(300 * 20);
    const output = new Float32Array(samples.length);
    const re = new Float32Array(stft.bins);
    const im = new Float32Array(stft.bins);
    for (let f = 0; f <= 20; f++) {
      stft.forwardFrame(samples, f * 300, re, im);
      stft.inverseFrame(re, im, 0, output, f * 300);
    }
    const middle = output.map((sample) => sample / stft.overlapGain).subarray(600, -600);
    expect(largestDifference(middle, samples.subarray(600, -600))).toBeLessThan(2e-6);
  });

  it('puts a sine into its bin with half the sum of the window', () => {
    const stft = createStft({ sizeSamples: 400, hopSamples: 160 });
    const sine = Float32Array.from({ length: 4_000 }, (_, i) => Math.sin((2 * Math.PI * 10 * i) / 400));
    const { re, im, bins } = stft.forward(sine);
    const magnitudes = Array.from({ length: bins }, (_, k) => Math.hypot(re[5 * bins + k] ?? 0, im[5 * bins + k] ?? 0));
    expect(magnitudes[10]).toBeCloseTo(100, 3);
    expect(magnitudes[9]).toBeCloseTo(50, 3);
    expect(magnitudes[13]).toBeCloseTo(0, 3);
  });

  it('mirrors the signal at its ends, more than once when it is short', () => {
    const stft = createStft({ sizeSamples: 8, hopSamples: 4 });
    const re = new Float32Array(5);
    const im = new Float32Array(5);
    stft.forwardFrame(Float32Array.of(1, 2, 3), 0, re, im);
    const mirrored = [1, 2, 3, 2, 1, 2, 3, 2];
    const sum = hannWindow(8).reduce((total, weight, i) => total + weight * (mirrored[i] as number), 0);
    expect(re[0]).toBeCloseTo(sum, 5);
  });

  it('takes one sample for a constant and none for silence', () => {
    const stft = createStft({ sizeSamples: 8, hopSamples: 4 });
    const constant = stft.forward(Float32Array.of(0.5));
    expect(constant.frames).toBe(1);
    expect(constant.re[0]).toBeCloseTo(2, 6);
    const silence = stft.forward(new Float32Array(0));
    expect([...silence.re, ...silence.im].every((value) => value === 0)).toBe(true);
    expect(stft.inverse(silence).length).toBe(0);
  });

  it.each([0, -1, 9, 1.5])('refuses a hop of %d', (hopSamples) => {
    expect(() => createStft({ sizeSamples: 8, hopSamples })).toThrow(ParleyError);
  });
});
