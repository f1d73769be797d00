import { describe, expect, it } from 'vitest';
import { heardMore, noSound, type OverlapSound } from './overlap-sound.js';
import { speakerOf } from './overlap-speaker.js';
import { turnSettings, windowMs } from './turn-fixture.js';

function heard(sound: OverlapSound, levelDb: number, semitones?: number): OverlapSound {
  const overlap = { foreign: 1, voicing: 0.9, levelDb, ...(semitones === undefined ? {} : { semitones }) };
  return heardMore(sound, { type: 'window', atMs: 0, seenMs: 0, probability: 0.9, windowMs, overlap });
}

const times = <T>(count: number, value: T): T[] => new Array<T>(count).fill(value);

describe('who speaks over the agent', () => {
  const { interruption } = turnSettings();
  /** `own` of ten windows as high as the caller speaks. */
  const by = (levelDb: number, own: number, pitched = 10): string =>
    speakerOf(
      [...times(own, 1), ...times(pitched - own, 9), ...times(10 - pitched, undefined)].reduce(
        (sound, semitones) => heard(sound, levelDb, semitones),
        noSound,
      ),
      interruption,
    );

  it('is somebody else when quieter than the caller on average, however loud for an instant', () => {
    const loud = heard(noSound, -2);
    const quieter = (windows: number) =>
      times(windows, -15).reduce<OverlapSound>((sound, db) => heard(sound, db), loud);
    expect(speakerOf(quieter(5), interruption)).toBe('background');
    expect(speakerOf(quieter(2), interruption)).toBe('caller');
  });

  it.each([
    [-4.5, 0, 'caller'],
    [-5.5, 0, 'background'],
    [-5.5, 2, 'background'],
    [-5.5, 3, 'caller'],
    [-8.5, 4, 'background'],
    [-8.5, 5, 'quiet-caller'],
    [-10.5, 10, 'quiet-caller'],
    [-11.5, 10, 'background'],
  ])('at %d dB with %d of ten windows at the height of the caller: %s', (levelDb, own, speaker) => {
    expect(by(levelDb, own)).toBe(speaker);
  });

  it('tells by level alone where there is too little pitch', () => {
    expect(by(-5.5, 0, 5)).toBe('caller');
    expect(by(-8.5, 5, 5)).toBe('background');
  });
});
