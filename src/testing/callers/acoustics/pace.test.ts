import { describe, expect, it } from 'vitest';
import { rmsDb } from '../../../audio/loudness.js';
import { soundMs } from './caller-sound.js';
import { madeSpeech } from './made-speech-fixture.js';
import { changePace } from './pace.js';
import { throughSonic } from './sonic.js';
import { harmonicityDb, vowel } from './vowel-fixture.js';

describe('a changed pace', () => {
  const sound = madeSpeech();

  it.each([0.7, 1, 1.3, 1.8])('of %d keeps where speech begins and ends exact', async (pace) => {
    const changed = await changePace(sound, pace);
    expect(Math.abs(soundMs(changed) - 4_500 / pace)).toBeLessThan(1);
    for (const [index, { startMs, endMs }] of changed.speech.entries()) {
      expect(Math.abs(startMs - (sound.speech[index]?.startMs ?? 0) / pace)).toBeLessThan(0.5);
      expect(Math.abs(endMs - (sound.speech[index]?.endMs ?? 0) / pace)).toBeLessThan(0.5);
      const level = (fromMs: number, toMs: number): number => rmsDb(changed.samples.subarray(fromMs * 16, toMs * 16));
      expect(level(startMs - 30, startMs)).toBeLessThan(-50);
      expect(level(startMs + 10, startMs + 40)).toBeGreaterThan(-30);
      expect(level(endMs - 40, endMs - 10)).toBeGreaterThan(-30);
      expect(level(endMs + 6, endMs + 36)).toBeLessThan(-50);
    }
    expect(changed.words?.[4]?.text).toBe('w4');
    expect(Math.abs((changed.words?.[4]?.endMs ?? 0) - 2_060 / pace)).toBeLessThan(1);
  });

  it('keeps the pitch', async () => {
    const fast = await throughSonic(vowel(130, 700), 16_000, { speed: 1.3 });
    expect(fast).toHaveLength(Math.round(32_000 / 1.3));
    expect(harmonicityDb(fast, 130)).toBeGreaterThan(15);
  });

  it('beyond what speech bears is refused', async () => {
    await expect(changePace(sound, 3)).rejects.toThrow(/3 times its speed: expected 0.4 to 2.5/);
    await expect(changePace(sound, Number.NaN)).rejects.toThrow(/NaN times/);
  });
});
