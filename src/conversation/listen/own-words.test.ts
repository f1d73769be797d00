import { describe, expect, it } from 'vitest';
import { beginningsOfOthers, shareOfOurs } from './own-words.js';

describe('the share of words that the agent was saying itself', () => {
  it.each([
    ['a table', ['a table for four'], 1],
    ['a a table', ['a table for four'], 0.67],
    ['stop', ['a table for four'], 0],
    ['stop', [], undefined],
    ['', ['a table for four'], undefined],
  ] as const)('%j over %j is %s', (heard, said, share) => {
    expect(shareOfOurs(heard, said)).toBe(share);
  });
});

it('beginnings of the words that the agent was saying, and what is no word, are left out', () => {
  const beginnings = ['Wait', 'St', 'Wi', '?'].map((text) => ({ text, probability: 0.2 }));
  expect(beginningsOfOthers(beginnings, ['by the window,', 'wait'])).toEqual([{ text: 'St', probability: 0.2 }]);
});
