import { describe, expect, it } from 'vitest';
import type { OverlapEvidence } from './events.js';
import { heardMore, isBackground, noSound, type OverlapSound } from './overlap-sound.js';
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

  it('what is quieter than the caller on average is somebody else, however loud it was for an instant', () => {
    const { interruption } = turnSettings();
    expect(isBackground(heard({ levelDb: -2 }, ...times(5, { levelDb: -15 })), interruption)).toBe(true);
    expect(isBackground(heard({ levelDb: -2 }, ...times(2, { levelDb: -15 })), interruption)).toBe(false);
  });
});
