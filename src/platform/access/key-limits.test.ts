import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LimitBook } from './key-limits.js';

const unlimited = { requestsPerMinute: undefined, maxConcurrent: undefined };

describe('the limits of a key', () => {
  it('let in no more than the limit in any 60 seconds, and refuse nobody whom it would let in', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(waits, fc.integer({ min: 1, max: 7 }), (gaps, requestsPerMinute) => {
        let nowMs = 0;
        const book = new LimitBook(() => nowMs);
        const letIn: number[] = [];
        for (const gap of gaps) {
          nowMs += gap;
          const recent = letIn.filter((at) => at > nowMs - 60_000).length;
          try {
            book.enter('a', { ...unlimited, requestsPerMinute })();
            letIn.push(nowMs);
            expect(recent).toBeLessThan(requestsPerMinute);
          } catch (error) {
            expect(error).toMatchObject({ code: 'access.rate_limited', status: 429 });
            expect(recent).toBe(requestsPerMinute);
            // When it says, and not a moment before.
            const { retryAfterMs = 0 } = error as { retryAfterMs?: number };
            expect(retryAfterMs).toBe((letIn.at(-requestsPerMinute) ?? 0) + 60_000 - nowMs);
          }
        }
      }),
    );
  });

  it('keep the newest requests when the limit changes', () => {
    let nowMs = 0;
    const book = new LimitBook(() => nowMs);
    const enter = (requestsPerMinute: number) => book.enter('a', { ...unlimited, requestsPerMinute })();
    for (nowMs = 0; nowMs < 5_000; nowMs += 1_000) enter(5);
    expect(() => enter(5)).toThrow(/5 times a minute/);
    // Requests at 3 and 4 s are within the minute until 63 s.
    nowMs = 62_500;
    expect(() => enter(2)).toThrow(/2 times a minute/);
    nowMs = 63_000;
    enter(2);
    enter(4);
    enter(4);
    expect(() => enter(4)).toThrow(/4 times a minute/);
  });

  it('count who is inside until they leave, once each, and keys apart', () => {
    const book = new LimitBook(() => 0);
    const enter = (keyId: string) => book.enter(keyId, { ...unlimited, maxConcurrent: 2 });
    const [first, second] = [enter('a'), enter('a')];
    enter('b');
    expect(() => enter('a')).toThrow(
      expect.objectContaining({ code: 'access.too_many', status: 429, retryable: true }),
    );
    first();
    first();
    enter('a');
    expect(() => enter('a')).toThrow(/at once/);
    second();
    enter('a');
  });

  it('do not count a request that finds no place', () => {
    const book = new LimitBook(() => 0);
    const limits = { requestsPerMinute: 2, maxConcurrent: 1 };
    const leave = book.enter('a', limits);
    for (let i = 0; i < 5; i++) expect(() => book.enter('a', limits)).toThrow(/at once/);
    leave();
    book.enter('a', limits)();
    expect(() => book.enter('a', limits)).toThrow(/a minute/);
  });
});
