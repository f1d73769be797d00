import { describe, expect, it } from 'vitest';
import type { TunePoint, TuneReport } from '../../conversation/explain/tune.js';
import { tuneText } from './tune-text.js';

const turns = 200;

function point(minWaitMs: number, cutOff: number, meanDelayMs: number): TunePoint {
  const settings = { 'endpointing.minWaitMs': minWaitMs };
  return { settings, cutOff, cutOffShare: cutOff / turns, meanDelayMs, p95DelayMs: 2 * meanDelayMs };
}

function told(shipped: TunePoint, recommended: TunePoint, more: Partial<TuneReport> = {}): string {
  const heldOut = { cutOff: 4, cutOffShare: 0.02, meanDelayMs: 520 };
  return tuneText({
    calls: 1,
    turns,
    turnsWithPauses: 40,
    leftOut: 3,
    maxCutOffShare: 0.05,
    shipped,
    curve: [recommended],
    recommended,
    heldOut,
    tooFew: false,
    ...more,
  });
}

describe('what tuning found, in words', () => {
  it('a faster setting that cuts off few enough is recommended, and marked in the table', () => {
    const text = told(point(300, 4, 600), point(400, 6, 500));
    expect(text).toContain('200 turns in 1 call (3 could not be judged); in 40 the caller paused and went on.');
    expect(text).toMatch(/^ +-> +6 of 200 +500 ms +1000 ms +400$/m);
    expect(text).toContain(
      'Recommended at no more than 5 % cut off, 100 ms faster than with the shipped settings:\n      endpointing.minWaitMs: 400',
    );
    expect(text).toContain('parley replay CALL --set endpointing.minWaitMs=400');
    expect(text).toContain('parley.yaml');
    expect(text).toContain(
      'judged on the other: 4 of 200 cut off, 520 ms; the shipped settings: 4 of 200 cut off, 600 ms.',
    );
  });

  it('the shipped settings are kept where nothing is faster', () => {
    const shipped = point(300, 4, 600);
    expect(told(shipped, shipped)).toContain(
      'Keep the shipped settings: nothing else is faster at no more than 5 % cut off.',
    );
  });

  it('where the shipped settings cut off too many, a slower one that does not is recommended', () => {
    const text = told(point(300, 30, 400), point(700, 8, 650));
    expect(text).toContain(
      'Recommended at no more than 5 % cut off, 250 ms slower and 22 fewer cut off than with the shipped settings:',
    );
    expect(text).not.toContain('Keep');
  });

  it('where every setting cuts off too many, it says so', () => {
    const shipped = point(300, 30, 400);
    expect(told(shipped, point(500, 28, 390))).toContain(
      'Recommended though none has no more than 5 % cut off, 10 ms faster and 2 fewer cut off than',
    );
    expect(told(shipped, shipped)).toContain('Keep the shipped settings: none has no more than 5 % cut off');
  });

  it('too few turns are no recommendation', () => {
    const text = told(point(300, 4, 600), point(400, 6, 500), { tooFew: true });
    expect(text).toContain('TOO FEW TURNS');
    expect(text).toContain('Best here at no more than 5 % cut off');
    expect(text).not.toContain('Recommended');
  });
});
