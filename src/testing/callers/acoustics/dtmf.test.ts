import { describe, expect, it } from 'vitest';
import { rmsDb } from '../../../audio/loudness.js';
import { dtmf, frequenciesOf } from './dtmf.js';

describe('keys', () => {
  it('sound as their two tones at the level asked, one after the other', () => {
    const sound = dtmf('5#', { toneMs: 120, gapMs: 80 });
    expect(sound.words).toEqual([
      { text: '5', startMs: 0, endMs: 120 },
      { text: '#', startMs: 200, endMs: 320 },
    ]);
    expect(sound.speech).toEqual([]);
    expect(sound.samples).toHaveLength(400 * 16);
    for (const [index, tones] of [
      [770, 1_336],
      [941, 1_477],
    ].entries()) {
      const part = sound.samples.subarray(index * 3_200 + 160, index * 3_200 + 1_760);
      expect(rmsDb(part)).toBeCloseTo(-13, 0);
      for (const hz of [697, 770, 852, 941, 1_209, 1_336, 1_477, 1_633]) {
        const heard = amplitudeAt(part, hz);
        if (tones.includes(hz)) expect(heard).toBeGreaterThan(0.18);
        else expect(heard).toBeLessThan(0.03);
      }
    }
    expect(rmsDb(sound.samples.subarray(121 * 16, 199 * 16))).toBe(-120);
  });

  it('of another keypad are refused', () => {
    expect(() => dtmf('12x')).toThrow(/no key "x"/);
    expect(() => frequenciesOf('')).toThrow(/no key ""/);
    expect(() => frequenciesOf('12')).toThrow(/no key "12"/);
  });
});

function amplitudeAt(samples: Float32Array, hz: number): number {
  let re = 0;
  let im = 0;
  for (const [i, sample] of samples.entries()) {
    re += sample * Math.cos((2 * Math.PI * hz * i) / 16_000);
    im += sample * Math.sin((2 * Math.PI * hz * i) / 16_000);
  }
  return (2 * Math.hypot(re, im)) / samples.length;
}
