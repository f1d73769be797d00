import { expect, it } from 'vitest';
import { behind } from './behind.js';

const piece = {
  samples: Float32Array.from({ length: 2_400 }, (_, i) => i),
  rateHz: 24_000,
  words: [
    { text: 'a', startMs: 0, endMs: 40 },
    { text: 'cup', startMs: 60, endMs: 100 },
  ],
};

it('a piece that was given out before is left out, in whole or in its first part', () => {
  expect(behind(piece, 0)).toEqual(piece);
  expect(behind(piece, -5)).toEqual(piece);
  expect(behind(piece, 2_400)).toBeUndefined();
  const rest = behind(piece, 1_200);
  expect(rest?.samples[0]).toBe(1_200);
  expect(rest?.samples).toHaveLength(1_200);
  expect(rest?.words).toEqual([{ text: 'cup', startMs: 10, endMs: 50 }]);
});
