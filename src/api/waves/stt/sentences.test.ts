import { describe, expect, it } from 'vitest';
import { sentencesOf } from './sentences.js';

const timed = (text: string) =>
  text.split(' ').map((word, index) => ({ text: word, startMs: index * 100, endMs: index * 100 + 80, confidence: 1 }));

describe('sentences of timed words', () => {
  it.each([
    ['Hello there. How are you? Fine!', ['Hello there.', 'How are you?', 'Fine!']],
    ['no marks at all', ['no marks at all']],
    ['It costs 3.50 today.', ['It costs 3.50 today.']],
    ['See e.g.Berlin or Rome.', ['See e.g.Berlin or Rome.']],
  ])('%s', (text, expected) => {
    expect(sentencesOf(timed(text)).map((sentence) => sentence.text)).toEqual(expected);
  });

  it('begin with their first word and end with their last, and leave none out', () => {
    const sentences = sentencesOf(timed('One two. Three four five. Six'));
    expect(sentences.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [0, 180],
      [200, 480],
      [500, 580],
    ]);
  });

  it('are none without words', () => {
    expect(sentencesOf([])).toEqual([]);
  });
});
