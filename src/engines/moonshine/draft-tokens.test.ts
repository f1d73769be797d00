import { expect, it } from 'vitest';
import { DraftTokens } from './draft-tokens.js';

it('a draft goes on behind the token that came', () => {
  const draft = new DraftTokens([10, 11, 12, 13]);
  draft.came(10);
  draft.came(11);
  expect(draft.guesses()).toEqual([12, 13]);
});

it('a draft goes on after a token that was another, and after tokens that did not come', () => {
  const draft = new DraftTokens([10, 11, 12, 13, 14]);
  draft.came(99);
  expect(draft.guesses()[0]).toBe(11);
  draft.came(13);
  expect(draft.guesses()).toEqual([14]);
});

it('a draft that is used up guesses nothing', () => {
  const draft = new DraftTokens([10]);
  for (const token of [10, 20, 30]) draft.came(token);
  expect(draft.guesses()).toEqual([]);
});
