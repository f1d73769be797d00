import { describe, expect, it } from 'vitest';
import { isDictation } from './dictation.js';

const wordsOf = (text: string): { readonly text: string }[] => text.split(' ').map((word) => ({ text: word }));
const stretches = (count: number, eachMs = 400): { readonly from: number; readonly to: number }[] =>
  Array.from({ length: count }, (_, index) => ({ from: index * 16_000, to: index * 16_000 + eachMs * 16 }));

describe('dictation', () => {
  it('is digits said one by one, in words, in figures and half misheard', () => {
    for (const heard of [
      'Two, eight, zero,',
      '8, 9, 0, 1,',
      '6529664967',
      'I seek you, I, three, five, seven, eight, one.',
    ])
      expect(isDictation(wordsOf(heard), stretches(8))).toBe(true);
  });

  it('is not a sentence with a number in it', () => {
    for (const heard of ['Can I have two small coffees please', 'It opens at 10', 'no, no, no,'])
      expect(isDictation(wordsOf(heard), stretches(8))).toBe(false);
  });

  it('is not what is said without pauses, or in long phrases', () => {
    expect(isDictation(wordsOf('five five five one two'), stretches(1))).toBe(false);
    expect(isDictation(wordsOf('five five five one two'), stretches(4, 1_500))).toBe(false);
  });
});
