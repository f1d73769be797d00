import { describe, expect, it } from 'vitest';
import { createFft } from '../../../audio/fft.js';
import { peak, rmsDb } from '../../../audio/loudness.js';
import { soundMs } from './caller-sound.js';
import { cough, doorBang, hum, keyboard, mmHm, pinkNoise, throatClearing } from './noises.js';

const makers = [
  ['cough', cough, 180, 1_600],
  ['throat clearing', throatClearing, 220, 1_100],
  ['door', doorBang, 600, 800],
  ['keyboard', (seed: number) => keyboard(seed, 2_000), 2_000, 2_000],
  ['hum', hum, 220, 420],
  ['mm-hm', mmHm, 280, 500],
] as const;

describe.each(makers)('a made %s', (name, make, shortestMs, longestMs) => {
  const sounds = Array.from({ length: 20 }, (_, seed) => make(seed));

  it('is as long as such sounds are, at a level that does not clip', () => {
    for (const sound of sounds) {
      expect(sound.samples.every(Number.isFinite)).toBe(true);
      expect(soundMs(sound)).toBeGreaterThanOrEqual(shortestMs);
      expect(soundMs(sound)).toBeLessThanOrEqual(longestMs);
      expect(peak(sound.samples)).toBeLessThanOrEqual(0.951);
      expect(rmsDb(sound.samples)).toBeLessThan(-25.9);
      expect(rmsDb(sound.samples)).toBeGreaterThan(-34);
    }
  });

  it('follows from its seed and differs with it', () => {
    expect(make(3).samples).toEqual(sounds[3]?.samples);
    expect(new Set(sounds.map(({ samples }) => samples.slice(0, 2_000).join())).size).toBe(20);
  });

  it(`is ${/m$/.test(name) ? '' : 'no '}speech`, () => {
    const expected = /m$/.test(name) ? 1 : 0;
    for (const sound of sounds) {
      expect(sound.speech).toHaveLength(expected);
      if (expected) expect(sound.speech[0]).toEqual({ startMs: 0, endMs: soundMs(sound) });
    }
  });
});

describe('pink noise', () => {
  it('loses 3 dB an octave and has unit level', () => {
    const noise = pinkNoise(1, 65_536);
    expect(rmsDb(noise)).toBeCloseTo(0, 3);
    const fft = createFft(65_536);
    const re = new Float32Array(fft.bins);
    const im = new Float32Array(fft.bins);
    fft.forward(noise, re, im);
    const octaveDb = (lowHz: number): number => {
      const from = Math.round((lowHz * 65_536) / 16_000);
      let power = 0;
      for (let k = from; k < 2 * from; k++) power += (re[k] as number) ** 2 + (im[k] as number) ** 2;
      return 10 * Math.log10(power);
    };
    // Equal power in each octave is what a fall of 3 dB per octave in density means.
    for (const hz of [125, 250, 500, 1_000, 2_000]) expect(Math.abs(octaveDb(hz) - octaveDb(500))).toBeLessThan(1.5);
  });
});
