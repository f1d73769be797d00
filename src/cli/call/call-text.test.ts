import { describe, expect, it } from 'vitest';
import type { CallResult } from './call-result.js';
import { summaryLines } from './call-text.js';

const silent = {
  turns: [],
  player: { underruns: 1, underrunMs: 40 },
  pacing: { lateSteps: 2, latestMs: 14 },
} as unknown as CallResult;

describe('the end of a call in words', () => {
  it('says how to have a call explained even where no turn was answered, and counts in English', () => {
    expect(summaryLines(silent)).toEqual([
      'response latency: no turn was answered',
      'audio ran out once inside replies (40 ms in all)',
      'this caller was late 2 times (by 14 ms at most): the machine was busy',
      'why it went so: parley explain last',
    ]);
  });
});
