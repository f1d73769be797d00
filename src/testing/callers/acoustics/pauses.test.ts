import { describe, expect, it } from 'vitest';
import { rmsDb } from '../../../audio/loudness.js';
import { soundMs } from './caller-sound.js';
import { madeSpeech } from './made-speech-fixture.js';
import { choosePauses, insertPauses } from './pauses.js';

const at = (ms: number): number => Math.round(ms * 16);

describe('pauses put into a sound', () => {
  const sound = madeSpeech();

  it('divide the speech that they interrupt, and move all behind them, to the sample', () => {
    const paused = insertPauses(sound, [
      { atMs: 1_680, lengthMs: 600 },
      { atMs: 680, lengthMs: 333 },
    ]);
    expect(soundMs(paused)).toBe(4_500 + 933);
    expect(paused.speech).toEqual([
      { startMs: 500, endMs: 680 },
      { startMs: 1_013, endMs: 1_193 },
      { startMs: 1_833, endMs: 2_013 },
      { startMs: 2_613, endMs: 2_993 },
    ]);
    expect(paused.words?.map(({ startMs }) => startMs)).toEqual([500, 1_033, 1_833, 2_633, 2_833]);
    expect(Array.from(paused.samples.subarray(at(2_640), at(2_980)))).toEqual(
      Array.from(sound.samples.subarray(at(1_707), at(2_047))),
    );
  });

  it('sound like the room', () => {
    const paused = insertPauses(sound, [{ atMs: 680, lengthMs: 1_500 }]);
    for (let ms = 700; ms < 2_150; ms += 100) {
      expect(rmsDb(paused.samples.subarray(at(ms), at(ms + 30)))).toBeGreaterThan(-63);
      expect(rmsDb(paused.samples.subarray(at(ms), at(ms + 30)))).toBeLessThan(-57);
    }
  });

  it('make no click: no step is larger than the tones themselves make', () => {
    const paused = insertPauses(sound, [{ atMs: 601, lengthMs: 400 }]);
    let largest = 0;
    for (let i = 1; i < paused.samples.length; i++)
      largest = Math.max(largest, Math.abs((paused.samples[i] as number) - (paused.samples[i - 1] as number)));
    // The highest tone, 310 Hz at 0.2, moves by 0.024 a sample; the room adds 0.003.
    expect(largest).toBeLessThan(0.03);
  });

  it('behind a word go to the quietest place near its end', () => {
    const early = { ...sound, words: sound.words?.map((word) => ({ ...word, endMs: word.endMs - 30 })) ?? [] };
    const paused = insertPauses(early, [{ afterWord: 0, lengthMs: 500 }]);
    const cutMs = paused.speech[0]?.endMs ?? 0;
    expect(cutMs).toBeGreaterThan(655);
    expect(cutMs).toBeLessThan(700);
    expect(paused.words?.[1]?.startMs).toBe(1_200);
  });

  it('behind a word that is not known are refused', () => {
    expect(() => insertPauses(sound, [{ afterWord: 9, lengthMs: 100 }])).toThrow(/no word 9/);
  });

  it('in silence divide nothing', () => {
    const paused = insertPauses(sound, [{ atMs: 1_000, lengthMs: 100 }]);
    expect(paused.speech).toEqual([sound.speech[0], { startMs: 1_600, endMs: 2_160 }]);
  });
});

describe('places for pauses', () => {
  const sound = madeSpeech();
  const choice = { count: 2, minMs: 300, maxMs: 1_500 };

  it('follow from the seed', () => {
    expect(choosePauses(sound, 3, choice)).toEqual(choosePauses(sound, 3, choice));
    const seeds = Array.from({ length: 20 }, (_, seed) => JSON.stringify(choosePauses(sound, seed, choice)));
    expect(new Set(seeds).size).toBeGreaterThan(10);
  });

  it('lie inside phrases: not where a pause is already, not behind punctuation, not side by side', () => {
    const punctuated = {
      ...sound,
      words: (sound.words ?? []).map((word, i) => (i === 2 ? { ...word, text: 'so,' } : word)),
    };
    for (let seed = 0; seed < 50; seed++) {
      const places = choosePauses(punctuated, seed, choice).map((pause) =>
        'afterWord' in pause ? pause.afterWord : -1,
      );
      expect([[0], [3], [0, 3]]).toContainEqual(places);
    }
    for (let seed = 0; seed < 50; seed++) {
      const places = choosePauses(sound, seed, { ...choice, count: 4 });
      for (const pause of places) {
        expect(pause.lengthMs).toBeGreaterThanOrEqual(300);
        expect(pause.lengthMs).toBeLessThanOrEqual(1_500);
      }
      expect(places).toHaveLength(2);
    }
  });

  it('need words', () => {
    const { words: _, ...wordless } = sound;
    expect(() => choosePauses(wordless, 1, choice)).toThrow(/words of this sound are not known/);
  });
});
