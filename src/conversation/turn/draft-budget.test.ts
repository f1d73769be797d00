import { describe, expect, it } from 'vitest';
import { mayDraftEarly, defaultDraftingSettings as settings } from './draft-budget.js';

const hits = (pattern: string): boolean[] => [...pattern].map((each) => each === '+');

describe('whether a draft may begin at the first sign of an end', () => {
  it.each([
    ['', true],
    ['---', true],
    ['----', false],
    ['+---', true],
    ['+----', false],
    ['++--', true],
    ['+-+-', true],
    ['++++++------', false],
    ['------++++++', true],
  ])('after %j: %s', (pattern, early) => {
    expect(mayDraftEarly(settings, hits(pattern), 0)).toBe(early);
  });

  it('a machine on which urgent work waits for cores computes nothing that may be for nothing', () => {
    expect(mayDraftEarly(settings, hits('++++'), settings.maxQueueMs)).toBe(true);
    expect(mayDraftEarly(settings, hits('++++'), settings.maxQueueMs + 1)).toBe(false);
    expect(mayDraftEarly(settings, hits('++++'), undefined)).toBe(true);
  });

  it('calls from before there was a budget drafted always', () => {
    expect(mayDraftEarly(undefined, hits('------'), 9_999)).toBe(true);
  });
});
