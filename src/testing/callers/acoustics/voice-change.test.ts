import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../seeded-random.js';
import { changeVoice, randomVoice } from './voice-change.js';
import { centreHz, harmonicityDb, vowel } from './vowel-fixture.js';

describe('a changed voice', () => {
  const voice = vowel(180, 1_000);

  it('has another pitch and the same formants, where only that is asked', async () => {
    const low = await changeVoice(voice, { pitch: 0.75, formants: 1, pace: 1 });
    expect(harmonicityDb(low, 135)).toBeGreaterThan(15);
    expect(Math.abs(centreHz(low) / centreHz(voice) - 1)).toBeLessThan(0.08);
  });

  it('has other formants and the same pitch, where only that is asked', async () => {
    const long = await changeVoice(voice, { pitch: 1, formants: 0.85, pace: 1 });
    expect(harmonicityDb(long, 180)).toBeGreaterThan(15);
    expect(Math.abs(centreHz(long) / centreHz(voice) - 0.85)).toBeLessThan(0.07);
  });

  it('follows from its random numbers, within what people have', () => {
    const random = randomFrom(1);
    const voices = Array.from({ length: 200 }, () => randomVoice(random));
    for (const { pitch, formants } of voices) {
      expect(pitch).toBeGreaterThan(0.55);
      expect(pitch).toBeLessThan(1.35);
      expect(formants).toBeGreaterThan(0.8);
    }
    expect(randomVoice(randomFrom(1))).toEqual(voices[0]);
  });
});
