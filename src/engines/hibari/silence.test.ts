import { describe, expect, it } from 'vitest';
import { findPause, findSpeech, trimSilence } from './silence.js';

const MS = 24;

/** Faint noise, then a tone, then faint noise again. */
function utterance(leadMs: number, toneMs: number, tailMs: number): Float32Array {
  return Float32Array.from({ length: (leadMs + toneMs + tailMs) * MS }, (_, i) => {
    const inTone = i >= leadMs * MS && i < (leadMs + toneMs) * MS;
    return inTone ? 0.3 * Math.sin(i * 0.3) : 0.0005 * Math.sin(i * 1.7);
  });
}

describe('trimming silence', () => {
  it('starts 10 ms before the first sound and leaves the tail of a final clause alone', () => {
    const { samples, offset } = trimSilence(utterance(300, 500, 400), { leading: true, pauseMs: undefined });
    expect(offset / MS).toBeGreaterThan(283);
    expect(offset / MS).toBeLessThanOrEqual(290);
    expect(samples.length).toBe(1_200 * MS - offset);
    expect((findSpeech(samples)?.start ?? Number.POSITIVE_INFINITY) / MS).toBeLessThan(15);
  });

  it('leaves the pause that is asked for', () => {
    const { samples } = trimSilence(utterance(300, 500, 400), { leading: false, pauseMs: 120 });
    expect(Math.abs(samples.length / MS - 920)).toBeLessThanOrEqual(5);
  });

  it('fades at the cuts and does not touch its input', () => {
    const input = utterance(300, 500, 400);
    const copy = input.slice();
    const { samples } = trimSilence(input, { leading: true, pauseMs: 0 });
    expect(samples[0]).toBeCloseTo(0, 10);
    expect(samples.at(-1)).toBeCloseTo(0, 10);
    expect(input).toEqual(copy);
  });

  it('keeps everything where there is nothing to cut', () => {
    const tone = utterance(0, 200, 0);
    expect(trimSilence(tone, { leading: true, pauseMs: 250 }).samples).toEqual(tone);
  });

  it('gives nothing for silence, empty input included', () => {
    expect(trimSilence(new Float32Array(4_800), { leading: true, pauseMs: 100 }).samples).toHaveLength(0);
    expect(trimSilence(new Float32Array(0), { leading: true, pauseMs: 100 }).samples).toHaveLength(0);
  });
});

describe('finding a pause between two words', () => {
  const tone = utterance(0, 300, 0);
  const spoken = Float32Array.from([...tone, ...utterance(200, 0, 0), ...tone, ...utterance(40, 0, 0), ...tone]);

  it('takes the longest that reaches into the stretch, with what of it lies outside', () => {
    for (const [from, to] of [
      [250, 520],
      [350, 360],
      [400, 900],
    ] as const) {
      const { start, end } = findPause(spoken, from * MS, to * MS);
      expect(start / MS).toBeGreaterThan(298);
      expect(start / MS).toBeLessThan(306);
      expect(end / MS).toBeGreaterThan(494);
      expect(end / MS).toBeLessThan(502);
    }
  });

  it('gives the quietest place where nothing is silent', () => {
    const swell = Float32Array.from({ length: 400 * MS }, (_, i) => Math.abs(i / MS - 200) / 400 + 0.1);
    const { start, end } = findPause(swell, 0, swell.length);
    expect(end).toBe(start);
    expect(Math.abs(start / MS - 200)).toBeLessThan(10);
  });
});
