import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { rmsDb } from '../../../audio/loudness.js';
import { writeWav } from '../../../audio/wav.js';
import { type CallerSound, speechLevelDb } from './caller-sound.js';
import { dictate, dictateNumber, readDigits, type SpokenDigit } from './dictation.js';

/** A tone of `lengthMs` from 60 ms on, in silence. */
function digit(name: string, speaker: string, lengthMs = 300, rateHz = 16_000): SpokenDigit {
  const samples = new Float32Array((rateHz * (lengthMs + 120)) / 1000);
  for (let i = (rateHz * 60) / 1000; i < (rateHz * (60 + lengthMs)) / 1000; i++)
    samples[i] = 0.3 * Math.sin((2 * Math.PI * (300 + 50 * Number(name)) * i) / rateHz);
  const sound: CallerSound = { samples, rateHz, speech: [{ startMs: 60, endMs: 60 + lengthMs }] };
  return { digit: name, speaker, sound };
}

const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map((dir) => rm(dir, { recursive: true }))));

describe('dictated digits', () => {
  it('have exactly the gaps that are asked between them', () => {
    const sound = dictate([digit('4', 'a'), digit('7', 'a', 500), digit('1', 'a')], [300, 1_200]);
    expect(sound.speech).toEqual([
      { startMs: 0, endMs: 300 },
      { startMs: 600, endMs: 1_100 },
      { startMs: 2_300, endMs: 2_600 },
    ]);
    expect(sound.words?.map(({ text }) => text).join('')).toBe('471');
    expect(speechLevelDb(sound)).toBeCloseTo(-26, 0);
    expect(rmsDb(sound.samples.subarray(1_110 * 16, 2_290 * 16))).toBeLessThan(-50);
    expect(rmsDb(sound.samples.subarray(1_110 * 16, 2_290 * 16))).toBeGreaterThan(-85);
  });

  it('of a number come from one speaker who has them all, and follow from the seed', () => {
    const recordings = [...'0123456789'].flatMap((name) => [digit(name, 'ann'), digit(name, 'bob', 350)]);
    recordings.push(digit('3', 'eve'));
    const gaps = { minMs: 300, maxMs: 1_200 };
    const speakers = new Set<string>();
    for (let seed = 0; seed < 30; seed++) {
      const number = dictateNumber(recordings, seed, { gaps });
      speakers.add(number.speaker);
      expect(number.digits).toMatch(/^\d{10}$/);
      expect(number.sound.words?.map(({ text }) => text).join('')).toBe(number.digits);
      const between = number.sound.speech
        .slice(1)
        .map(({ startMs }, i) => startMs - (number.sound.speech[i]?.endMs ?? 0));
      expect(between.map(Math.round)).toEqual(number.gapsMs);
      for (const gap of number.gapsMs) expect(gap >= 300 && gap <= 1_200).toBe(true);
    }
    expect([...speakers].sort()).toEqual(['ann', 'bob']);
    expect(dictateNumber(recordings, 4, { gaps })).toEqual(dictateNumber(recordings, 4, { gaps }));
  });

  it('can come in groups', () => {
    const recordings = [...'0123456789'].map((name) => digit(name, 'ann'));
    const gaps = { minMs: 800, maxMs: 900, groups: { sizes: [3, 3, 4], withinMs: 90 } };
    const { gapsMs } = dictateNumber(recordings, 1, { gaps });
    expect(gapsMs.map((gap) => (gap >= 800 ? 'long' : gap))).toEqual([90, 90, 'long', 90, 90, 'long', 90, 90, 90]);
  });

  it('need a speaker who has them all', () => {
    expect(() => dictateNumber([digit('1', 'ann')], 1, { gaps: { minMs: 0, maxMs: 0 } })).toThrow(
      /one speaker for all/,
    );
  });

  it('are read from a folder with their labels, at 16 kHz', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'digits-'));
    folders.push(dir);
    const { sound } = digit('8', 'ann', 300, 8_000);
    await writeFile(join(dir, '8_ann_0.wav'), writeWav([sound.samples], 8_000));
    await writeFile(
      join(dir, 'speech.tsv'),
      'file\tduration_ms\tspeech_start_ms\tspeech_end_ms\n8_ann_0.wav\t420\t60\t360\n',
    );
    const [read, ...others] = await readDigits(dir);
    expect(others).toEqual([]);
    expect(read).toMatchObject({
      digit: '8',
      speaker: 'ann',
      sound: { rateHz: 16_000, speech: [{ startMs: 60, endMs: 360 }] },
    });
    expect(read?.sound.samples).toHaveLength(420 * 16);
    await rm(join(dir, '8_ann_0.wav'));
    await expect(readDigits(dir)).rejects.toThrow(/has no digits/);
  });
});
