import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropRepetition, joinText, spreadWords } from './text.js';

describe('repetition', () => {
  it('is cut to one where a phrase comes four times or more', () => {
    expect(dropRepetition('thank you. Thank you, thank you. thank you. bye')).toBe('thank you. bye');
    expect(dropRepetition('the the the the cat')).toBe('the cat');
    expect(dropRepetition(`${'I would like a coffee '.repeat(12)}please`)).toBe('I would like a coffee please');
  });

  it('is left where people speak so', () => {
    for (const said of ['no no no', 'two two two five', 'very, very good', 'bye bye', ''])
      expect(dropRepetition(said)).toBe(said);
  });

  it('never adds a word', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 }), (words) => {
        expect(dropRepetition(words.join(' ')).split(' ').length).toBeLessThanOrEqual(Math.max(1, words.length));
      }),
    );
  });
});

describe('word times', () => {
  it('fill the stretch of speech in order, longer words longer', () => {
    const words = spreadWords('a cappuccino please', 200, 1_400);
    expect(words.map((word) => word.text)).toEqual(['a', 'cappuccino', 'please']);
    expect(words[0]?.startMs).toBe(200);
    expect(words.at(-1)?.endMs).toBe(1_400);
    for (const [index, word] of words.entries()) {
      expect(word.endMs).toBeGreaterThan(word.startMs);
      if (index > 0) expect(word.startMs).toBe(words[index - 1]?.endMs);
    }
    const lengths = words.map((word) => word.endMs - word.startMs);
    expect(lengths[1]).toBeGreaterThan(lengths[2] as number);
    expect(lengths[2]).toBeGreaterThan(lengths[0] as number);
  });

  it('are none for no words', () => {
    expect(spreadWords('  ', 0, 1_000)).toEqual([]);
  });
});

it('joins the windows of an utterance without double spaces', () => {
  expect(joinText(['', 'I would like', '', 'a coffee', ''])).toBe('I would like a coffee');
});
