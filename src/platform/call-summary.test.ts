import { describe, expect, it } from 'vitest';
import { CallSummary } from './call-summary.js';

describe('the summary of a call', () => {
  it('tells how it ended, how many turns it had, and what was drafted for nothing', () => {
    const summary = new CallSummary('call_1', '2026-01-01T00:00:00.000Z');
    for (const turn of [1, 2]) summary.note({ type: 'turn-committed', turn, text: 'a tea', endMs: 900, reply: turn });
    const wasted = { drafts: 3, tokens: 21, computeMs: 812.4, audioMs: 1_450.2 };
    summary.note({ type: 'drafts-counted', begun: 5, adopted: 2, wasted });
    summary.note({ type: 'ended', reason: 'idle' });
    expect(JSON.parse(summary.json())).toEqual({
      callId: 'call_1',
      startedAt: '2026-01-01T00:00:00.000Z',
      endReason: 'idle',
      turns: 2,
      drafts: { begun: 5, adopted: 2, wasted: { drafts: 3, tokens: 21, computeMs: 812, audioMs: 1_450 } },
    });
  });
});
