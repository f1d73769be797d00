import { describe, expect, it } from 'vitest';
import { choose, isWorthKeeping, leanFrom } from './leaning.js';

const tokens = [' right', ' Right', ' write', ',', '.', '<end>'];
const plain = [' right', ' right', ' write', '', '', '<5>'];
const plainOf = (token: number): string => plain[token] ?? '';
const likely = (shares: Readonly<Record<string, number>>): Float32Array =>
  Float32Array.from(tokens, (token) => Math.log(shares[token] ?? 1e-9));
const firm = (token: string) => ({ token: tokens.indexOf(token), firm: true });
const chosen = (shares: Readonly<Record<string, number>>, guess?: { token: number; firm: boolean }) =>
  tokens[choose(likely(shares), guess, plainOf).token];

describe('the token that is chosen', () => {
  const nearTie = { ' write': 0.5, ' right': 0.5 * leanFrom * 1.1 };

  it('is the most probable one, with its probability', () => {
    const { token, probability } = choose(likely({ ' right': 3, ' write': 1 }), undefined, plainOf);
    expect(tokens[token]).toBe(' right');
    expect(probability).toBeCloseTo(0.75, 5);
  });

  it('is that of a stable word while it is not much less probable', () => {
    expect(chosen(nearTie, firm(' right'))).toBe(' right');
    expect(chosen({ ' write': 0.5, ' right': 0.5 * leanFrom * 0.9 }, firm(' right'))).toBe(' write');
    expect(choose(likely({ ' write': 3, ' right': 1 }), firm(' right'), plainOf).probability).toBeCloseTo(0.25, 5);
  });

  it('is not that of a word which is not stable', () => {
    expect(chosen(nearTie, { ...firm(' right'), firm: false })).toBe(' write');
  });

  it('keeps a stable word from being the end', () => {
    expect(chosen({ '<end>': 0.6, ' right': 0.4 }, firm(' right'))).toBe(' right');
  });

  it('is free in capitals and punctuation, which are not told as stable', () => {
    expect(chosen({ ' right': 0.6, ' Right': 0.4 }, firm(' Right'))).toBe(' right');
    expect(chosen({ ',': 0.6, '.': 0.4 }, firm('.'))).toBe(',');
    expect(chosen({ ' right': 0.6, '.': 0.4 }, firm('.'))).toBe(' right');
    expect(chosen({ ',': 0.6, ' right': 0.4 }, firm(' right'))).toBe(',');
  });
});

it('a reading that keeps stable words gives way to one that is clearly more probable, word for word', () => {
  expect(isWorthKeeping([0.9, 0.8], [0.9, 0.8, 0.9])).toBe(true);
  expect(isWorthKeeping([0.9, 0.3, 0.4], [0.9, 0.8])).toBe(false);
});
