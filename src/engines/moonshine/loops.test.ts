import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loopBegins } from './loops.js';

const times = <Item>(count: number, items: readonly Item[]): Item[] =>
  Array.from({ length: count }, () => items).flat();

describe('a decoding that repeats itself', () => {
  it('is told by one digit nine times, with and without commas, and keeps it once', () => {
    expect(loopBegins([6, 5, 2, ...times(8, [9])])).toBeUndefined();
    expect(loopBegins([6, 5, 2, ...times(9, [9])])).toBe(4);
    expect(loopBegins([6, 44, 5, ...times(9, [0, 44])])).toBe(5);
  });

  it('is told by a phrase four times', () => {
    expect(loopBegins([1, ...times(3, [7, 8, 9, 10, 11])])).toBeUndefined();
    expect(loopBegins([1, ...times(4, [7, 8, 9, 10, 11])])).toBe(6);
  });

  it('is not seen in numbers that somebody may dictate', () => {
    for (const digits of ['4000000012345678', '7777 7777', '1212121212', '0000 0000 0000'.slice(0, 9)])
      for (let length = 1; length <= digits.length; length++)
        expect(loopBegins([...digits.replaceAll(' ', '').slice(0, length)].map(Number))).toBeUndefined();
  });

  it('keeps at least the beginning', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { maxLength: 60 }), (tokens) => {
        const kept = loopBegins(tokens);
        if (kept === undefined) return;
        expect(kept).toBeGreaterThan(0);
        expect(kept).toBeLessThan(tokens.length);
      }),
    );
  });
});
