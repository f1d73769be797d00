import { describe, expect, it } from 'vitest';
import type { OverlapEvidence } from './events.js';
import { heardMore, noSound, type OverlapSound } from './overlap-sound.js';

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
