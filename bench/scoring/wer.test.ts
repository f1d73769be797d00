import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignWords, wordErrorRate } from './wer.js';

const words = (text: string) => text.split(' ').filter(Boolean);

describe('alignWords', () => {
  it('counts substitutions, deletions and insertions', () => {
    const { steps, ...counts } = alignWords(words('the cat sat on the mat'), words('the big cat sit on mat'));
    expect(counts).toEqual({ substitutions: 1, deletions: 1, insertions: 1, referenceWords: 6 });
    expect(steps.map((step) => step.type)).toEqual([
      'match',
      'insertion',
      'match',
      'substitution',
      'match',
      'deletion',
      'match',
    ]);
  });

  it('takes all for deleted or inserted when one side is empty', () => {
    expect(alignWords(words('a b c'), [])).toMatchObject({ deletions: 3, insertions: 0, substitutions: 0 });
    expect(alignWords([], words('a b'))).toMatchObject({ deletions: 0, insertions: 2, substitutions: 0 });
  });

  it('spells out both texts, in order, whatever they are', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (reference, hypothesis) => {
        const { steps, substitutions, deletions, insertions } = alignWords(reference, hypothesis);
        expect(steps.flatMap((step) => ('reference' in step ? [step.reference] : []))).toEqual(reference);
        expect(steps.flatMap((step) => ('hypothesis' in step ? [step.hypothesis] : []))).toEqual(hypothesis);
        const errors = substitutions + deletions + insertions;
        expect(errors).toBeLessThanOrEqual(Math.max(reference.length, hypothesis.length));
        expect(errors).toBeGreaterThanOrEqual(Math.abs(reference.length - hypothesis.length));
        const back = alignWords(hypothesis, reference);
        expect(back.substitutions + back.deletions + back.insertions).toBe(errors);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('refuses texts too long to align', () => {
    const book = new Array<string>(9000).fill('word');
    expect(() => alignWords(book, book)).toThrow(/expected utterances/);
  });
});

describe('wordErrorRate', () => {
  it('pools the errors over all words rather than averaging utterances', () => {
    const report = wordErrorRate([
      { reference: 'yes', hypothesis: 'no' },
      { reference: 'a b c d e f g h i', hypothesis: 'a b c d e f g h i' },
    ]);
    expect(report.wer).toBeCloseTo(0.1, 10);
    expect(report.perfect_rate).toBe(0.5);
  });

  it('normalises both sides', () => {
    const report = wordErrorRate([
      { reference: "I'd like a twelve ounce latte", hypothesis: 'I would like a 12-ounce latte.' },
    ]);
    expect(report).toMatchObject({ wer: 0, perfect_rate: 1, norm_version: 'parley-whisper-en-1' });
  });

  it('can exceed one, and has no rate without words', () => {
    expect(wordErrorRate([{ reference: 'stop', hypothesis: 'please do not stop it' }]).wer).toBe(4);
    expect(wordErrorRate([]).wer).toBeNull();
    expect(wordErrorRate([{ reference: '', hypothesis: 'noise' }])).toMatchObject({ wer: null, insertions: 1 });
  });
});
