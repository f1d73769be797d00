import { describe, expect, it } from 'vitest';
import { rmsDb } from '../../../audio/loudness.js';
import { speechLevelDb } from './caller-sound.js';
import { farField } from './far-field.js';
import { madeSpeech } from './made-speech-fixture.js';

describe('a caller across the room', () => {
  const sound = madeSpeech();

  it('has the level and the words they had, and rings on', () => {
    const far = farField(sound, { seed: 5 });
    expect(Math.abs(speechLevelDb(far) - speechLevelDb(sound))).toBeLessThan(0.2);
    expect(far.speech).toEqual(sound.speech);
    expect(far.samples.every(Number.isFinite)).toBe(true);
    const ring = (of: typeof sound): number => rmsDb(of.samples.subarray(880 * 16, 930 * 16));
    expect(ring(far)).toBeGreaterThan(ring(sound) + 20);
  });

  it('has as much of the room as asked, and follows from the seed', () => {
    const noisy = farField(sound, { seed: 5, snrDb: 10 });
    // 1.9 s behind the last word nothing rings any more.
    expect(speechLevelDb(sound) - rmsDb(noisy.samples.subarray(4_000 * 16))).toBeGreaterThan(8.5);
    expect(speechLevelDb(sound) - rmsDb(noisy.samples.subarray(4_000 * 16))).toBeLessThan(11.5);
    expect(farField(sound, { seed: 5 }).samples).toEqual(farField(sound, { seed: 5 }).samples);
    expect(farField(sound, { seed: 5 }).samples).not.toEqual(farField(sound, { seed: 6 }).samples);
  });
});
