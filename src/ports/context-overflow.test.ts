import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { droppedMessages } from './context-overflow.js';

const turns = (count: number, tokens = 10) =>
  Array.from({ length: count }, (_, index) => ({
    role: index % 2 ? ('assistant' as const) : ('user' as const),
    tokens,
  }));

describe('what a full context leaves out', () => {
  it('is nothing while all fits', () => {
    expect(droppedMessages(turns(10), { limit: 100, reserve: 0, dropped: 0 })).toBe(0);
  });

  it('is a block of the oldest, down to half of the room, and from then on nothing for long', () => {
    const dropped = droppedMessages(turns(11), { limit: 100, reserve: 0, dropped: 0 });
    expect(dropped).toBe(6);
    expect(droppedMessages(turns(16), { limit: 100, reserve: 0, dropped })).toBe(6);
    expect(droppedMessages(turns(17), { limit: 100, reserve: 0, dropped })).toBe(12);
  });

  it('is dropped earlier when room is to be kept', () => {
    expect(droppedMessages(turns(9), { limit: 100, reserve: 20, dropped: 0 })).toBe(4);
  });

  it('leaves a conversation that begins with the caller', () => {
    const long = [
      ...turns(4),
      { role: 'user' as const, tokens: 60 },
      { role: 'assistant' as const, tokens: 20 },
      ...turns(2),
    ];
    const dropped = droppedMessages(long, { limit: 100, reserve: 0, dropped: 0 });
    expect(long[dropped]?.role).toBe('user');
  });

  it('always keeps the newest message, fits where it can, and never takes back what was dropped', () => {
    const message = fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), tokens: fc.nat(80) });
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 40 }),
        fc.nat(50),
        fc.nat(100),
        (all, before, reserve) => {
          const dropped = droppedMessages(all, { limit: 200, reserve, dropped: before });
          const kept = all.slice(dropped);
          const total = kept.reduce((sum, { tokens }) => sum + tokens, 0);
          expect(kept.length).toBeGreaterThan(0);
          expect(dropped).toBeGreaterThanOrEqual(Math.min(before, all.length - 1));
          if (kept.length > 1) expect(total).toBeLessThanOrEqual(200);
        },
      ),
    );
  });
});
