import { describe, expect, it } from 'vitest';
import { phonemeEdges, timeWords } from './word-times.js';

const MS = 24;

/** 600 samples per unit of 25 ms: silence, two phonemes, a space, two phonemes, a comma that is silent, silence. */
const edges = phonemeEdges(Int32Array.of(4 * 600, 4 * 600, 4 * 600, 0, 4 * 600, 4 * 600, 8 * 600, 4 * 600));
const words = [
  { text: 'one', start: 0, end: 2 },
  { text: 'two,', start: 3, end: 6 },
];
/** What the network makes of it: sounds lie 36 ms before their durations. */
const audio = Float32Array.from({ length: 800 * MS }, (_, i) =>
  i >= 64 * MS && i < 464 * MS ? 0.3 * Math.sin(i * 0.3) : 0,
);

describe('word times', () => {
  it('lie where the sound is, without the silence after the last word', () => {
    const [one, two] = timeWords(words, { edges, from: 0, offset: 0, samples: audio });
    expect((one?.startSample ?? 0) / MS).toBeCloseTo(64, -1);
    expect((one?.endSample ?? 0) / MS).toBeCloseTo(264, -1);
    expect((two?.startSample ?? 0) / MS).toBeCloseTo(264, -1);
    expect((two?.endSample ?? 0) / MS).toBeCloseTo(464, -1);
  });

  it('move with what was cut in front, and stay within the audio', () => {
    const cut = audio.slice(200 * MS, 400 * MS);
    const [one, two] = timeWords(words, { edges, from: 0, offset: 200 * MS, samples: cut });
    expect(one?.startSample).toBe(0);
    expect((one?.endSample ?? 0) / MS).toBeCloseTo(64, -1);
    expect(two?.endSample).toBe(cut.length);
  });

  it('count the phonemes of the context in front', () => {
    const [two] = timeWords([{ text: 'two,', start: 0, end: 3 }], { edges, from: 3, offset: 0, samples: audio });
    expect((two?.startSample ?? 0) / MS).toBeCloseTo(264, -1);
  });
});
