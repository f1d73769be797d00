import { describe, expect, it } from 'vitest';
import { keywordBias } from './keyword-bias.js';

/** One token for each letter. */
const encode = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));
const none: ReadonlySet<number> = new Set();
const bias = keywordBias(
  [
    { text: 'abc', weight: 2 },
    { text: 'abd e', weight: 4 },
    { text: 'ab', weight: 1 },
  ],
  encode,
);
const likelier = (said: string, blocked = none): Record<string, number> =>
  Object.fromEntries(
    [...bias.bonuses(encode(said), blocked)].map(([token, nats]) => [String.fromCharCode(token), nats]),
  );

describe('a keyword', () => {
  it('may begin anywhere, in small letters and with a capital', () => {
    expect(likelier('')).toEqual({ a: 4, A: 4 });
    expect(likelier('xyz')).toEqual({ a: 4, A: 4 });
  });

  it('goes on with the weight of the heaviest phrase on its way', () => {
    expect(likelier('xab')).toEqual({ c: 2, d: 4, a: 4, A: 4 });
  });

  it('is not begun again where it was taken back', () => {
    expect(likelier('x', new Set([1]))).toEqual({});
    expect(likelier('xa', new Set([1]))).toEqual({ a: 4, A: 4 });
  });

  it('is broken by another token in its middle, not behind its end', () => {
    const broken = (said: string, next: string, blocked = none) =>
      bias.brokenBy(encode(said), next.charCodeAt(0), blocked);
    expect(broken('xa', 'b')).toBeUndefined();
    expect(broken('xa', 'x')).toBe(1);
    expect(broken('xab', 'x')).toBeUndefined();
    expect(broken('xabd', 'x')).toBe(1);
    expect(broken('xabd', 'x', new Set([1]))).toBeUndefined();
    expect(broken('xyz', 'x')).toBeUndefined();
  });
});
