import { describe, expect, it } from 'vitest';
import { rmsDb } from '../../../audio/loudness.js';
import { randomFrom, whiteNoise } from '../../seeded-random.js';
import { type CallerSound, speechLevelDb, withGain } from './caller-sound.js';
import { madeSpeech } from './made-speech-fixture.js';
import { babble, loopNoise, withNoise, withOther } from './mixing.js';

function added(mixed: CallerSound, sound: CallerSound): Float32Array {
  return mixed.samples.map((sample, i) => sample - (sound.samples[i] as number));
}

describe('noise mixed in', () => {
  const sound = madeSpeech();
  const noise = whiteNoise(randomFrom(4), 16_000);

  it.each([0, 5, 10, 20])('is %d dB below the speech when that is asked', (snrDb) => {
    const noisy = withNoise(sound, noise, { snrDb });
    expect(speechLevelDb(sound) - rmsDb(added(noisy, sound))).toBeCloseTo(snrDb, 2);
    expect(noisy.speech).toEqual(sound.speech);
  });

  it('begins where the seed says', () => {
    const mix = (seed: number) => withNoise(sound, noise, { snrDb: 10, seed }).samples;
    expect(mix(1)).toEqual(mix(1));
    expect(mix(1)).not.toEqual(mix(2));
  });

  it('is refused when it, or the caller, is silent', () => {
    expect(() => withNoise(sound, new Float32Array(100), { snrDb: 0 })).toThrow(/the noise is silent/);
    expect(() => withNoise(sound, new Float32Array(0), { snrDb: 0 })).toThrow(/the noise is silent/);
    expect(() => withNoise(withGain(sound, -400), noise, { snrDb: 0 })).toThrow(/the caller is silent/);
  });

  it('is repeated without a hole at its seams', () => {
    const looped = loopNoise(noise, 64_000, 16_000);
    for (let from = 0; from + 800 <= looped.length; from += 800)
      expect(Math.abs(rmsDb(looped.subarray(from, from + 800)))).toBeLessThan(1);
  });
});

describe('another sound mixed in', () => {
  const sound = madeSpeech();

  it('is as much quieter as asked, where it is asked, and leaves the truth alone', () => {
    const other = withGain(madeSpeech(), 11);
    const both = withOther(sound, other, { atMs: 1_000, aboveDb: -15 });
    const extra = added(both, sound);
    expect(rmsDb(extra.subarray(0, 16_000))).toBe(-120);
    const heard = speechLevelDb({ ...other, samples: extra.subarray(16_000), speech: [{ startMs: 500, endMs: 860 }] });
    const said = speechLevelDb({ ...sound, speech: [{ startMs: 500, endMs: 860 }] });
    expect(heard - said).toBeCloseTo(-15, 1);
    expect(both.speech).toEqual(sound.speech);
    expect(both.samples).toHaveLength(sound.samples.length);
  });
});

describe('babble', () => {
  const recordings = [madeSpeech(), withGain(madeSpeech(), -12)];

  it('has no silences, is as loud as one voice, and follows from its seed', () => {
    const options = { lengthMs: 3_000, voices: 5, seed: 2 };
    const crowd = babble(recordings, options);
    expect(crowd).toHaveLength(48_000);
    expect(rmsDb(crowd)).toBeCloseTo(speechLevelDb(madeSpeech()), 3);
    for (let from = 0; from < crowd.length; from += 3_200)
      expect(rmsDb(crowd.subarray(from, from + 3_200))).toBeGreaterThan(rmsDb(crowd) - 12);
    expect(babble(recordings, options)).toEqual(crowd);
    expect(babble(recordings, { ...options, seed: 3 })).not.toEqual(crowd);
  });
});
