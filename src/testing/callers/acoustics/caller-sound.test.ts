import { describe, expect, it } from 'vitest';
import { rmsDb } from '../../../audio/loudness.js';
import {
  atRate,
  atSpeechLevel,
  callerSound,
  concatenate,
  pad,
  roomOf,
  soundMs,
  speechLevelDb,
  trim,
  trimToSpeech,
  withGain,
} from './caller-sound.js';
import { madeSpeech } from './made-speech-fixture.js';

describe('a caller sound', () => {
  const sound = madeSpeech();

  it('is refused with speech that overlaps, is out of order, or lies outside', () => {
    const labelled =
      (...speech: { startMs: number; endMs: number }[]) =>
      () =>
        callerSound({ ...sound, speech });
    expect(labelled({ startMs: 0, endMs: 100 }, { startMs: 50, endMs: 200 })).toThrow(/in order, apart/);
    expect(labelled({ startMs: 200, endMs: 100 })).toThrow(/in order, apart/);
    expect(labelled({ startMs: 4_000, endMs: 4_600 })).toThrow(/4600 ms cannot be in a sound of 4500 ms/);
  });

  it('takes a label that was rounded beyond its last sample for its end', () => {
    expect(callerSound({ ...sound, speech: [{ startMs: 0, endMs: 4_510 }] }).speech).toEqual([
      { startMs: 0, endMs: 4_500 },
    ]);
  });

  it('has the level of its speech, not of its silences', () => {
    // Five sines of amplitude 0.2, of 160 ms each less a third of their two edges of 10 ms: power of a linear fade.
    const tones = 10 * Math.log10((0.2 ** 2 / 2) * ((5 * (140 + 20 / 3)) / 920));
    expect(speechLevelDb(sound)).toBeCloseTo(tones, 1);
    expect(speechLevelDb(withGain(sound, -7))).toBeCloseTo(tones - 7, 1);
    expect(speechLevelDb(atSpeechLevel(sound, -30))).toBeCloseTo(-30, 3);
  });

  it('keeps what lies in a part of it', () => {
    const part = trim(sound, { startMs: 700, endMs: 1_600 });
    expect(soundMs(part)).toBe(900);
    expect(part.speech).toEqual([
      { startMs: 0, endMs: 160 },
      { startMs: 800, endMs: 900 },
    ]);
    expect(part.words?.map(({ text }) => text)).toEqual(['w1', 'w2']);
  });

  it('can be cut down to what is said', () => {
    const said = trimToSpeech(sound, { beforeMs: 100, afterMs: 200 });
    expect(soundMs(said)).toBe(1_860);
    expect(said.speech[0]?.startMs).toBe(100);
    expect(said.speech.at(-1)?.endMs).toBe(1_660);
  });

  it('finds its room where nobody speaks', () => {
    expect(rmsDb(roomOf(sound).loop)).toBeCloseTo(-60, 0);
    expect(roomOf(sound).fromMs).toBeGreaterThanOrEqual(2_060);
  });

  it('is padded with its own room, and its words move with it', () => {
    const padded = pad(sound, { beforeMs: 300, afterMs: 700 });
    expect(soundMs(padded)).toBe(5_500);
    expect(padded.speech[0]).toEqual({ startMs: 800, endMs: 1_160 });
    expect(padded.words?.[4]).toEqual({ text: 'w4', startMs: 2_200, endMs: 2_360 });
    expect(rmsDb(padded.samples.subarray(0, 300 * 16))).toBeCloseTo(-60, 0);
    expect(rmsDb(padded.samples.subarray(-700 * 16))).toBeCloseTo(-60, 0);
  });

  it('joins others after gaps of exactly the lengths asked for', () => {
    const said = trimToSpeech(sound, { beforeMs: 0, afterMs: 0 });
    const joined = concatenate([said, said, said], [250, 1_000.5], roomOf(sound));
    const starts = joined.speech.filter((_, index) => index % 2 === 0).map(({ startMs }) => startMs);
    expect(starts).toEqual([0, 1_560 + 250, 2 * 1_560 + 250 + 1_000.5]);
    expect(soundMs(joined)).toBe(3 * 1_560 + 1_250.5);
    expect(joined.words).toHaveLength(15);
    expect(rmsDb(joined.samples.subarray(1_570 * 16, 1_800 * 16))).toBeCloseTo(-60, 0);
  });

  it('refuses to join sounds of different rates', () => {
    expect(() => concatenate([sound, madeSpeech(8_000)], [0])).toThrow(/one rate first/);
  });

  it('says the same at another rate', async () => {
    const narrow = await atRate(sound, 8_000);
    expect(narrow.samples).toHaveLength(sound.samples.length / 2);
    expect(narrow.speech).toEqual(sound.speech);
    expect(speechLevelDb(narrow)).toBeCloseTo(speechLevelDb(sound), 1);
  });
});
