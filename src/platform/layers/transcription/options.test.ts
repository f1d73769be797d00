import { expect, it } from 'vitest';
import { keywordLimits, usualKeywordWeight } from '../../../ports/keyword-limits.js';
import { keywordWeight } from './options.js';

it.each([
  [0.25, usualKeywordWeight / 4],
  [1, usualKeywordWeight],
  [1.5, usualKeywordWeight + 0.25],
  // The most that is advised stays at the weight from which on phrases are made up.
  [3, 5],
  [1_000, keywordLimits.weight],
])('a keyword with the multiplier %d weighs %d nats', (multiplier, weight) => {
  expect(keywordWeight(multiplier)).toBeCloseTo(weight, 9);
});
