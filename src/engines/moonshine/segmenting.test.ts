import { describe, expect, it } from 'vitest';
import { concatSamples, samplesOf } from '../../audio/frame.js';
import { activeRange, findCut } from './segmenting.js';

const rateHz = 16_000;
const speech = (ms: number, level = 0.3): Float32Array =>
  Float32Array.from({ length: samplesOf(ms, rateHz) }, (_, i) => level * Math.sin(i * 0.2));
const room = (ms: number): Float32Array => speech(ms, 0.0005);
const msOf = (sample: number | undefined): number => ((sample ?? Number.NaN) / rateHz) * 1_000;

describe('where a window may be cut', () => {
  it('is nowhere in a short one, however long it pauses', () => {
    expect(findCut(concatSamples([speech(1_200), room(600), speech(1_200)]))).toBeUndefined();
    expect(findCut(new Float32Array(0))).toBeUndefined();
  });

  it('is inside a pause', () => {
    const cut = msOf(findCut(concatSamples([speech(2_000), room(400), speech(2_000)])));
    expect(cut).toBeGreaterThan(2_000);
    expect(cut).toBeLessThan(2_400);
  });

  it('is the later of two pauses that are as good', () => {
    const cut = msOf(findCut(concatSamples([speech(1_500), room(300), speech(1_500), room(300), speech(1_500)])));
    expect(cut).toBeGreaterThan(3_300);
    expect(cut).toBeLessThan(3_600);
  });

  it('is not the silence at the end, whose word may not be finished', () => {
    expect(findCut(concatSamples([speech(4_000), room(400)]))).toBeUndefined();
  });

  it('waits where there is no pause, then takes the quietest moment', () => {
    const talk = (ms: number): Float32Array => concatSamples([speech(ms), speech(200, 0.15), speech(3_000)]);
    expect(findCut(talk(3_000))).toBeUndefined();
    const cut = msOf(findCut(talk(6_000)));
    expect(cut).toBeGreaterThan(6_000);
    expect(cut).toBeLessThan(6_200);
  });
});

describe('what stands out of a window', () => {
  it('is the speech between the quiet ends', () => {
    const { from, to } = activeRange(concatSamples([room(500), speech(1_000), room(700)]));
    expect(Math.abs(msOf(from) - 500)).toBeLessThanOrEqual(20);
    expect(Math.abs(msOf(to) - 1_500)).toBeLessThanOrEqual(20);
  });

  it('lies within it, for silence, for nothing, and for less than one step', () => {
    for (const samples of [new Float32Array(16_000), new Float32Array(0), speech(10)]) {
      const { from, to } = activeRange(samples);
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeGreaterThanOrEqual(from);
      expect(to).toBeLessThanOrEqual(samples.length);
    }
  });
});
