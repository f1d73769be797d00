import { describe, expect, it } from 'vitest';
import { randomFrom, whiteNoise } from '../../seeded-random.js';
import { throughNetwork } from './packet-loss.js';

describe('a bad network', () => {
  const samples = whiteNoise(randomFrom(2), 16_000 * 60);

  it('loses the share of frames that was asked, in runs of the length that was asked', () => {
    for (const [lossShare, burstFrames] of [
      [0.05, 1],
      [0.1, 4],
    ] as const) {
      const frames = throughNetwork(samples, 16_000, { seed: 3, lossShare, burstFrames });
      const arrived = new Set(frames.map(({ index }) => index));
      const lost = Array.from({ length: 3_000 }, (_, index) => !arrived.has(index));
      const count = lost.filter(Boolean).length;
      const runs = lost.filter((each, index) => each && !lost[index - 1]).length;
      expect(Math.abs(count / 3_000 - lossShare)).toBeLessThan(lossShare * 0.35);
      expect(Math.abs(count / runs - Math.max(burstFrames, 1.05))).toBeLessThan(0.3 * burstFrames);
    }
  });

  it('delays what it does not lose, and gives it as it was', () => {
    const frames = throughNetwork(samples, 16_000, { seed: 3, delayMs: 30, jitterMs: 40 });
    expect(frames).toHaveLength(3_000);
    const late = frames.map(({ sentMs, arrivesMs }) => arrivesMs - sentMs);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(30);
    expect(Math.max(...late)).toBeGreaterThan(100);
    expect(frames.map(({ index }) => index)).toEqual(Array.from({ length: 3_000 }, (_, index) => index));
    expect(frames[7]?.samples).toEqual(samples.slice(7 * 320, 8 * 320));
    expect(frames[7]?.sentMs).toBe(160);
  });

  it('lets frames overtake one another when nothing holds them in order', () => {
    const frames = throughNetwork(samples, 16_000, { seed: 3, jitterMs: 40, inOrder: false });
    expect(frames.some(({ index }, i) => index < (frames[i - 1]?.index ?? 0))).toBe(true);
    expect(frames.every(({ arrivesMs }, i) => arrivesMs >= (frames[i - 1]?.arrivesMs ?? 0))).toBe(true);
  });

  it('is the same for the same seed, and refuses what no network does', () => {
    const arrivals = (seed: number) =>
      throughNetwork(samples, 16_000, { seed, lossShare: 0.1, jitterMs: 20 }).map(({ arrivesMs }) => arrivesMs);
    expect(arrivals(1)).toEqual(arrivals(1));
    expect(arrivals(1)).not.toEqual(arrivals(2));
    expect(() => throughNetwork(samples, 16_000, { seed: 1, lossShare: 1 })).toThrow(/lossShare 1/);
    expect(() => throughNetwork(samples, 16_000, { seed: 1, jitterMs: -1 })).toThrow(/jitterMs -1/);
  });
});
