import { describe, expect, it } from 'vitest';
import type { OverlapEvidence } from './events.js';
import { heardMore, noSound, type OverlapSound } from './overlap-sound.js';
import { speakerOf } from './overlap-speaker.js';
import { turnSettings } from './turn-fixture.js';

const windowMs = 32;

function heard(...windows: readonly Partial<OverlapEvidence>[]): OverlapSound {
  return windows.reduce<OverlapSound>(
    (sound, evidence) =>
      heardMore(sound, {
        type: 'window',
        atMs: 0,
        seenMs: 0,
        probability: 0.9,
        windowMs,
        overlap: { foreign: 1, voicing: 0.9, levelDb: 0, ...evidence },
      }),
    noSound,
  );
}

const times = (count: number, evidence: Partial<OverlapEvidence>): Partial<OverlapEvidence>[] =>
  new Array<Partial<OverlapEvidence>>(count).fill(evidence);

describe('what an overlap sounds like', () => {
  it('a window without evidence is voiced and as loud as usual', () => {
    const sound = heardMore(noSound, { type: 'window', atMs: 0, seenMs: 0, probability: 0.9, windowMs });
    expect(sound).toMatchObject({ speechMs: 32, voicedMs: 32, meanPower: 1, fading: false });
  });

  it('fades when it is 20 dB below its loudest window, and until it is louder again', () => {
    expect(heard({ levelDb: -3 }, { levelDb: -22 }).fading).toBe(false);
    expect(heard({ levelDb: -3 }, { levelDb: -23 }).fading).toBe(true);
    expect(heard({ levelDb: -3 }, { levelDb: -15 }, { levelDb: -22 }).fading).toBe(false);
  });

  it('is as high as the caller speaks within four semitones, where that can be told', () => {
    const sound = heard({}, { semitones: 4 }, { semitones: -4.1 }, { semitones: 12 }, { semitones: -1 });
    expect(sound).toMatchObject({ speechMs: 160, pitchedMs: 128, ownPitchMs: 64 });
  });
});

describe('who speaks over the agent', () => {
  const { interruption } = turnSettings();
  /** `own` of ten windows as high as the caller speaks. */
  const by = (levelDb: number, own: number, pitched = 10): string =>
    speakerOf(
      heard(
        ...times(own, { levelDb, semitones: 1 }),
        ...times(pitched - own, { levelDb, semitones: 9 }),
        ...times(10 - pitched, { levelDb }),
      ),
      interruption,
    );

  it('is somebody else when quieter than the caller on average, however loud for an instant', () => {
    expect(speakerOf(heard({ levelDb: -2 }, ...times(5, { levelDb: -15 })), interruption)).toBe('background');
    expect(speakerOf(heard({ levelDb: -2 }, ...times(2, { levelDb: -15 })), interruption)).toBe('caller');
  });

  it.each([
    [-4.5, 0, 'caller'],
    [-5.5, 0, 'background'],
    [-5.5, 2, 'caller'],
    [-8.5, 4, 'background'],
    [-8.5, 5, 'quiet-caller'],
    [-12, 10, 'quiet-caller'],
    [-13, 10, 'background'],
  ])('at %d dB with %d of ten windows at the height of the caller: %s', (levelDb, own, speaker) => {
    expect(by(levelDb, own)).toBe(speaker);
  });

  it('tells by level alone where there is too little pitch', () => {
    expect(by(-5.5, 0, 5)).toBe('caller');
    expect(by(-8.5, 5, 5)).toBe('background');
  });
});
