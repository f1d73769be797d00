import { describe, expect, it } from 'vitest';
import { concatSamples, samplesOf } from '../../audio/frame.js';
import { believableWords, isAudible } from './believable.js';
import { textOf } from './text.js';
import type { HeardWord } from './wire.js';

const tone = (ms: number, level: number): Float32Array =>
  Float32Array.from({ length: samplesOf(ms, 16_000) }, (_, i) => level * Math.sin(i * 0.2));
const word = (text: string, startMs: number, endMs: number): HeardWord => ({
  text,
  startMs,
  endMs,
  confidence: 0.9,
  tokens: [1],
});

describe('what is believed', () => {
  const samples = concatSamples([tone(1_000, 0.2), tone(1_000, 0.0008)]);

  it('is what lies on sound, not a polite phrase in the silence behind it', () => {
    const words = [
      word('a', 0, 400),
      word('coffee.', 400, 980),
      word('Thank', 1_200, 1_500),
      word('you.', 1_500, 1_900),
    ];
    expect(textOf(believableWords(words, samples))).toBe('a coffee.');
  });

  it('is a word of which some is loud enough', () => {
    const words = [word('please', 900, 1_600)];
    expect(believableWords(words, samples)).toEqual(words);
  });

  it('is neither a sign for music nor a guess', () => {
    expect(believableWords([word('♪♪', 0, 400)], samples)).toEqual([]);
    expect(believableWords([{ ...word('You', 0, 400), confidence: 0.1 }], samples)).toEqual([]);
  });

  it('is one of a phrase that repeats', () => {
    const words = Array.from({ length: 8 }, (_, index) => word('no', index * 100, index * 100 + 100));
    expect(believableWords(words, samples)).toHaveLength(1);
  });
});

it('a line without sound is not worth decoding', () => {
  expect(isAudible(new Float32Array(16_000))).toBe(false);
  expect(isAudible(tone(1_000, 0.0003))).toBe(false);
  expect(isAudible(concatSamples([new Float32Array(16_000), tone(60, 0.02)]))).toBe(true);
});
