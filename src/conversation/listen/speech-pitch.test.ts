import { describe, expect, it } from 'vitest';
import { SpeechPitch } from './speech-pitch.js';

const times = (count: number, act: () => void): void => {
  for (let i = 0; i < count; i++) act();
};

describe('how high a caller usually speaks', () => {
  it('is the median, which windows that are an octave off do not move', () => {
    const pitch = new SpeechPitch();
    times(20, () => pitch.hear({ voicing: 0.9, pitchHz: 100 }, 0.9));
    times(6, () => pitch.hear({ voicing: 0.9, pitchHz: 200 }, 0.9));
    expect(pitch.relative({ voicing: 0.9, pitchHz: 200 })).toBeCloseTo(12);
    expect(pitch.relative({ voicing: 0.9, pitchHz: 100 })).toBeCloseTo(0);
  });

  it('is not known before there is enough that is surely a voice, and says nothing of what is none', () => {
    const pitch = new SpeechPitch();
    times(11, () => pitch.hear({ voicing: 0.9, pitchHz: 100 }, 0.9));
    times(50, () => pitch.hear({ voicing: 0.6, pitchHz: 300 }, 0.9));
    times(50, () => pitch.hear({ voicing: 0.9, pitchHz: 300 }, 0.5));
    expect(pitch.relative({ voicing: 0.9, pitchHz: 100 })).toBeUndefined();
    pitch.hear({ voicing: 0.9, pitchHz: 100 }, 0.9);
    expect(pitch.relative({ voicing: 0.9, pitchHz: 100 })).toBeCloseTo(0);
    expect(pitch.relative({ voicing: 0.6, pitchHz: 100 })).toBeUndefined();
  });

  it('is that of the last seconds', () => {
    const pitch = new SpeechPitch();
    times(200, () => pitch.hear({ voicing: 0.9, pitchHz: 100 }, 0.9));
    times(128, () => pitch.hear({ voicing: 0.9, pitchHz: 150 }, 0.9));
    expect(pitch.relative({ voicing: 0.9, pitchHz: 150 })).toBeCloseTo(0);
  });
});
