import { expect, it } from 'vitest';
import { DraftTokens } from './draft-tokens.js';

const guessed = (draft: DraftTokens): number[] => draft.guesses().map(({ token }) => token);

it('a draft goes on behind the token that came', () => {
  const draft = new DraftTokens([10, 11, 12, 13], 0);
  draft.came(10);
  draft.came(11);
  expect(guessed(draft)).toEqual([12, 13]);
});

it('a draft goes on after a token that was another, and after tokens that did not come', () => {
  const draft = new DraftTokens([10, 11, 12, 13, 14], 0);
  draft.came(99);
  expect(guessed(draft)[0]).toBe(11);
  draft.came(13);
  expect(guessed(draft)).toEqual([14]);
});

it('a draft is found again behind a token that came in between', () => {
  const draft = new DraftTokens([10, 11, 12, 13], 0);
  draft.came(10);
  draft.came(99);
  draft.came(11);
  expect(guessed(draft)).toEqual([12, 13]);
});

it('a draft says which of its tokens are of stable words', () => {
  const draft = new DraftTokens([10, 11, 12], 2);
  draft.came(10);
  expect(draft.guesses()).toEqual([
    { token: 11, firm: true },
    { token: 12, firm: false },
  ]);
});

it('a draft that is used up guesses nothing', () => {
  const draft = new DraftTokens([10], 1);
  for (const token of [10, 20, 30]) draft.came(token);
  expect(draft.guesses()).toEqual([]);
});
