import { describe, expect, it } from 'vitest';
import { TokenPace } from './pace.js';

function measured(tokenMs: number, slices: number, threads = 1): TokenPace {
  const pace = new TokenPace();
  for (let i = 0; i < slices; i++) pace.note(threads, 8, 8 * tokenMs);
  return pace;
}

describe('the size of a prompt slice', () => {
  it('is four to six tokens on one thread before anything was measured', () => {
    expect(new TokenPace().sliceTokens(1, 150)).toBeGreaterThanOrEqual(4);
    expect(new TokenPace().sliceTokens(1, 150)).toBeLessThanOrEqual(6);
    expect(new TokenPace().sliceTokens(2, 150)).toBeGreaterThan(6);
  });

  it('follows the speed that is measured, for each number of threads apart', () => {
    const pace = measured(10, 20);
    expect(pace.sliceTokens(1, 150)).toBe(14);
    expect(pace.sliceTokens(2, 150)).toBe(new TokenPace().sliceTokens(2, 150));
  });

  it('is never below four nor above 24 tokens', () => {
    expect(measured(1_000, 20).sliceTokens(1, 150)).toBe(4);
    expect(measured(0.1, 40).sliceTokens(1, 150)).toBe(24);
  });

  it('is not upset by one stall, nor by single tokens', () => {
    const pace = measured(20, 20);
    pace.note(1, 8, 60_000);
    expect(pace.tokenMs(1)).toBeLessThanOrEqual(27);
    const before = pace.tokenMs(1);
    pace.note(1, 1, 500);
    expect(pace.tokenMs(1)).toBe(before);
  });
});
