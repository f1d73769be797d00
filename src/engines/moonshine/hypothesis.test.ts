import { describe, expect, it } from 'vitest';
import { Hypothesis } from './hypothesis.js';
import { textOf } from './text.js';
import type { HeardWord } from './wire.js';

/** Words of 400 ms, one after another from `fromMs`. */
function heard(text: string, fromMs = 0, confidence = 0.9): HeardWord[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, index) => ({
      text: word,
      startMs: fromMs + index * 400,
      endMs: fromMs + (index + 1) * 400,
      confidence,
      tokens: [index],
    }));
}

/** Two agree, three on a word that is less sure than 0.5. */
const rule = { edgeMs: 200, agreements: 2, oneMoreBelow: [0.5] };
const stableOf = (hypothesis: Hypothesis): string => textOf(hypothesis.words.slice(0, hypothesis.stableCount));

describe('stable words', () => {
  it('are those that two successive hypotheses agree on, from the beginning', () => {
    const hypothesis = new Hypothesis(rule);
    hypothesis.hear(heard('I would like a'), 1_700);
    expect(hypothesis.stableCount).toBe(0);
    hypothesis.hear(heard('I would liked a latte'), 2_300);
    expect(stableOf(hypothesis)).toBe('I would');
    expect(textOf(hypothesis.words)).toBe('I would liked a latte');
  });

  it('do not change, whatever later hypotheses say', () => {
    const hypothesis = new Hypothesis(rule);
    for (const text of ['Hello there', 'hello there my', 'Yellow bear my friend']) hypothesis.hear(heard(text), 5_000);
    expect(textOf(hypothesis.words)).toBe('hello there my friend');
  });

  it('are not those at the edge of the audio', () => {
    const hypothesis = new Hypothesis(rule);
    for (let i = 0; i < 2; i++) hypothesis.hear(heard('one two'), 850);
    expect(stableOf(hypothesis)).toBe('one');
  });

  it('take more agreement where the model is less sure, and so do all behind them', () => {
    const hypothesis = new Hypothesis(rule);
    const words = [...heard('one'), ...heard('two', 400, 0.4), ...heard('three', 800)];
    for (let i = 0; i < 2; i++) hypothesis.hear(words, 5_000);
    expect(stableOf(hypothesis)).toBe('one');
    hypothesis.hear(words, 5_000);
    expect(stableOf(hypothesis)).toBe('one two three');
  });

  it('are counted in agreement from the last one that said something else', () => {
    const hypothesis = new Hypothesis({ ...rule, agreements: 3 });
    for (const text of ['a cup', 'a cup', 'the cup', 'a cup', 'a cup']) hypothesis.hear(heard(text), 5_000);
    expect(hypothesis.stableCount).toBe(0);
    hypothesis.hear(heard('a cup'), 5_000);
    expect(stableOf(hypothesis)).toBe('a cup');
  });

  it('are not said twice when a window begins in the middle of them', () => {
    const hypothesis = new Hypothesis(rule);
    for (let i = 0; i < 2; i++) hypothesis.hear(heard('no no yes'), 5_000);
    hypothesis.hear(heard('yes please', 860), 5_000);
    expect(textOf(hypothesis.words)).toBe('no no yes please');
  });
});

describe('what a decoding with more context changes', () => {
  function stable(text: string): Hypothesis {
    const hypothesis = new Hypothesis(rule);
    for (let i = 0; i < 2; i++) hypothesis.hear(heard(text), 60_000);
    return hypothesis;
  }

  it('is told word by word: another, one less, one more', () => {
    expect(stable('a cup of tea').compareWithFinal(heard('a cup of coffee please'))).toEqual([
      { word: 3, from: 'tea', to: 'coffee' },
    ]);
    expect(stable('a the cup').compareWithFinal(heard('a cup please'))).toEqual([{ word: 1, from: 'the', to: '' }]);
    expect(stable('a cup').compareWithFinal(heard('a big cup'))).toEqual([{ word: 1, from: '', to: 'big' }]);
  });

  it('is nothing where capitals and punctuation differ, or words follow', () => {
    expect(stable('well yes').compareWithFinal(heard('Well, yes. And more'))).toEqual([]);
  });

  it('is what later partials show', () => {
    const hypothesis = stable('a cup of tea');
    hypothesis.compareWithFinal(heard('a cup of coffee please'));
    hypothesis.hear(heard('a cup of tea please now'), 60_000);
    expect(textOf(hypothesis.words)).toBe('a cup of coffee please now');
    expect(stableOf(hypothesis)).toBe('a cup of coffee');
  });

  it('counts positions from the beginning, also behind words that are settled', () => {
    const hypothesis = stable('one two tree four five');
    expect(hypothesis.settle(heard('one two three'), 1_200)).toEqual([{ word: 2, from: 'tree', to: 'three' }]);
    expect(hypothesis.compareWithFinal(heard('four nine', 1_200))).toEqual([{ word: 4, from: 'five', to: 'nine' }]);
    expect(textOf(hypothesis.words)).toBe('one two three four nine');
  });

  it('is nothing where words are settled that were not stable yet', () => {
    const hypothesis = new Hypothesis(rule);
    for (const text of ['one two tree', 'one two three four']) hypothesis.hear(heard(text), 60_000);
    expect(stableOf(hypothesis)).toBe('one two');
    expect(hypothesis.settle(heard('one two three'), 1_200)).toEqual([]);
    expect(stableOf(hypothesis)).toBe('one two three');
    expect(textOf(hypothesis.words)).toBe('one two three four');
  });
});
