import { describe, expect, it } from 'vitest';
import { learnPause, stretchOf, unknownPace } from './pace.js';

const learned = (...pausesMs: number[]) => pausesMs.reduce(learnPause, unknownPace);

describe('the pace of a caller', () => {
  it('is not learned from gaps between words', () => {
    expect(learned(40, 96, 180)).toBe(unknownPace);
  });

  it('is not learned from a caller who was away', () => {
    expect(learned(2_500, 9_000)).toBe(unknownPace);
  });

  it.each([
    ['nothing known', [], 1, 1],
    ['one long pause', [1_500], 1.1, 1.15],
    ['many long pauses', [1_500, 1_500, 1_500, 1_500, 1_500, 1_500], 1.29, 1.4],
    ['many short pauses', [220, 220, 220, 220, 220, 220], 0.85, 0.9],
    ['usual pauses', [600, 600, 600], 1, 1],
  ])('after %s stretches a wait by what is believed', (_, pausesMs, least, most) => {
    const stretch = stretchOf(learned(...pausesMs));
    expect(stretch).toBeGreaterThanOrEqual(least);
    expect(stretch).toBeLessThanOrEqual(most);
  });

  it('follows a caller who becomes slower within a few pauses', () => {
    const pace = learned(250, 250, 250, 250, 1_200, 1_200, 1_200);
    expect(pace.meanMs).toBeGreaterThan(800);
  });
});
