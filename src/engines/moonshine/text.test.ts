import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropRepetition, plainWord, textOf } from './text.js';

const wordsOf = (text: string): { readonly text: string }[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((word) => ({ text: word }));
const kept = (text: string): string => textOf(dropRepetition(wordsOf(text)));

describe('repetition', () => {
  it('is cut to one where a phrase comes four times or more', () => {
    expect(kept('thank you. Thank you, thank you. thank you. bye')).toBe('thank you. bye');
    expect(kept('one 6 6 6 6 6 6 6 6 6 6')).toBe('one 6');
    expect(kept('the the the the cat')).toBe('the cat');
    expect(kept('we go to the sea now we go to the sea now we go to the sea now')).toBe('we go to the sea now');
    expect(kept(`${'I would like a coffee '.repeat(12)}please`)).toBe('I would like a coffee please');
  });

  it('is left where people speak so', () => {
    for (const said of ['no no no', 'four zero, zero, zero, zero', 'very, very good', 'bye bye', ''])
      expect(kept(said)).toBe(said);
  });

  it('never adds a word', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 }), (words) => {
        expect(dropRepetition(wordsOf(words.join(' '))).length).toBeLessThanOrEqual(words.length);
      }),
    );
  });
});

it('sees one word where only capitals and punctuation differ', () => {
  expect(plainWord('Well,')).toBe(plainWord('well'));
  expect(plainWord("we'll")).not.toBe(plainWord('well'));
});
