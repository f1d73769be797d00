import { describe, expect, it } from 'vitest';
import { peak, rmsDb } from '../../../audio/loudness.js';
import { randomFrom, whiteNoise } from '../../seeded-random.js';
import { createEchoPath, echoOf } from './echo-path.js';

const noise = whiteNoise(randomFrom(8), 48_000).map((sample) => sample * 0.1);
const bare = { decayMs: 0, directToReverbDb: 60 };

/** Delay in samples at which two sounds are most alike, of `from` to `to`. */
function delayBetween(played: Float32Array, heard: Float32Array, at: number, from: number, to: number): number {
  let best = 0;
  let bestProduct = Number.NEGATIVE_INFINITY;
  for (let delay = from; delay <= to; delay++) {
    let product = 0;
    for (let i = at; i < at + 4_000; i++) product += (played[i - delay] as number) * (heard[i] as number);
    if (product > bestProduct) {
      best = delay;
      bestProduct = product;
    }
  }
  return best;
}

describe('the echo of the agent', () => {
  it.each([
    [0, 80],
    [-15, 150],
    [-30, 250],
  ])('comes back at %d dB after %d ms', (levelDb, delayMs) => {
    const heard = echoOf(noise, { levelDb, delayMs });
    const delay = delayMs * 16;
    expect(peak(heard.subarray(0, delay))).toBe(0);
    expect(rmsDb(heard.subarray(delay + 3_200)) - rmsDb(noise)).toBeGreaterThan(levelDb - 0.7);
    expect(rmsDb(heard.subarray(delay + 3_200)) - rmsDb(noise)).toBeLessThan(levelDb + 0.7);
    expect(delayBetween(noise, heard, 20_000, delay - 100, delay + 100)).toBe(delay);
  });

  it('rings on for as long as its room, and dies away by 60 dB', () => {
    const click = new Float32Array(16_000);
    click[0] = 1;
    const heard = echoOf(click, { levelDb: 0, delayMs: 100, room: { decayMs: 300, directToReverbDb: 0 } });
    expect(rmsDb(heard)).toBeCloseTo(rmsDb(click), 1);
    const early = rmsDb(heard.subarray(1_600 + 160, 1_600 + 960));
    const late = rmsDb(heard.subarray(1_600 + 3_360, 1_600 + 4_160));
    // 200 ms apart in a room that loses 60 dB in 300 ms.
    expect(early - late).toBeGreaterThan(35);
    expect(early - late).toBeLessThan(45);
    expect(peak(heard.subarray(1_600 + 4_800))).toBe(0);
  });

  it('is the same in frames of any size as in one piece', () => {
    const options = { levelDb: -6, delayMs: 33, driftPpm: 400, clipAt: 0.1 };
    const whole = echoOf(noise, options);
    const path = createEchoPath(options);
    for (let at = 0, size = 1; at < noise.length; at += size, size = (size * 7) % 997) {
      const heard = path.process(noise.subarray(at, at + size));
      expect(heard).toEqual(whole.subarray(at, at + heard.length));
    }
  });

  it('falls behind when the clocks differ', () => {
    // 500 ppm: 8 samples a second.
    const heard = echoOf(noise, { levelDb: 0, delayMs: 100, driftPpm: 500, room: bare });
    expect(Math.abs(delayBetween(noise, heard, 8_000, 1_500, 1_800) - (1_600 + 5))).toBeLessThanOrEqual(1);
    expect(Math.abs(delayBetween(noise, heard, 40_000, 1_500, 1_800) - (1_600 + 21))).toBeLessThanOrEqual(1);
  });

  it('keeps its level while it drifts', () => {
    const slow = new Float32Array(32_000).map((_, i) => 0.1 * Math.sin((2 * Math.PI * 1_000 * i) / 16_000));
    const heard = echoOf(slow, { levelDb: -10, delayMs: 50, driftPpm: 100, room: bare });
    expect(rmsDb(heard.subarray(4_000)) - rmsDb(slow)).toBeCloseTo(-10, 1);
  });

  it('clips like a loudspeaker', () => {
    expect(peak(echoOf(noise, { levelDb: 0, delayMs: 20, clipAt: 0.05, room: bare }))).toBeCloseTo(0.05, 5);
    expect(peak(echoOf(noise, { levelDb: 0, delayMs: 20, room: bare }))).toBeGreaterThan(0.15);
  });

  it('is refused with a delay that no path has', () => {
    expect(() => createEchoPath({ levelDb: 0, delayMs: 0 })).toThrow(/expected 1 to 1000 ms/);
    expect(() => createEchoPath({ levelDb: 0, delayMs: Number.NaN })).toThrow(/expected 1 to 1000 ms/);
  });
});
