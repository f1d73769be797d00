import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPlayer, type Player } from './player.js';
import { frameMs, frameSamples } from './timing.js';

const ms = (length: number, value = 0.5) => new Float32Array(length * 24).fill(value);

function add(player: Player, responseId: string, atMs: number, samples: Float32Array): void {
  player.add({ responseId, itemId: `item of ${responseId}`, samples, atMs });
}

/** Plays `steps` frames from 0 on and tells for each how many samples sounded. */
function play(player: Player, steps: number, fromStep = 0): number[] {
  return Array.from({ length: steps }, (_, step) => {
    const { samples } = player.next((fromStep + step) * frameMs);
    return samples.filter((sample) => sample !== 0).length;
  });
}

describe('the player', () => {
  it('starts a reply at the first step after 20 ms of it have arrived', () => {
    const player = createPlayer();
    add(player, 'r', 5, ms(10));
    add(player, 'r', 25, ms(10));
    add(player, 'r', 45, ms(20));
    expect(play(player, 4)).toEqual([0, 0, 480, 480]);
  });

  it('never plays at a step what arrived after it, however late the step is computed', () => {
    const player = createPlayer();
    add(player, 'r', 41, ms(40));
    expect(play(player, 5)).toEqual([0, 0, 0, 480, 480]);
  });

  it('plays a last part of less than 20 ms when the reply is complete', () => {
    const player = createPlayer();
    add(player, 'r', 0, ms(25));
    player.complete('r');
    expect(play(player, 3)).toEqual([480, 120, 0]);
    expect(player.counts).toEqual({ underruns: 0, underrunMs: 0 });
  });

  it('plays a whole reply of less than 20 ms', () => {
    const player = createPlayer();
    add(player, 'r', 0, ms(5));
    player.complete('r');
    expect(play(player, 2)).toEqual([120, 0]);
  });

  it('counts silence inside a reply as an underrun, silence behind it as its end', () => {
    const player = createPlayer();
    add(player, 'r', 0, ms(20));
    add(player, 'r', 55, ms(20));
    expect(play(player, 6)).toEqual([480, 0, 0, 480, 0, 0]);
    player.complete('r');
    play(player, 2, 6);
    expect(player.counts).toEqual({ underruns: 1, underrunMs: 40 });
  });

  it('counts the silent part of a frame that ran dry within it', () => {
    const player = createPlayer();
    add(player, 'r', 0, ms(30));
    add(player, 'r', 35, ms(20));
    expect(play(player, 3)).toEqual([480, 240, 480]);
    expect(player.counts).toEqual({ underruns: 1, underrunMs: 10 });
  });

  it('takes the time between two replies for no underrun', () => {
    const player = createPlayer();
    add(player, 'r', 0, ms(20));
    add(player, 'next', 85, ms(20));
    play(player, 8);
    expect(player.counts.underruns).toBe(0);
  });

  it('drops a reply at once, says how much of it was heard, and ignores what comes late of it', () => {
    const player = createPlayer();
    add(player, 'r', 0, ms(500));
    play(player, 3);
    expect(player.drop('r')).toEqual({ itemId: 'item of r', playedMs: 60 });
    add(player, 'r', 61, ms(500));
    expect(player.pending).toBe(false);
    expect(play(player, 2, 4)).toEqual([0, 0]);
  });

  it('keeps the next reply when it drops one', () => {
    const player = createPlayer();
    add(player, 'r', 0, ms(100));
    add(player, 'next', 0, ms(20));
    player.drop('r');
    expect(play(player, 2)).toEqual([480, 0]);
  });

  it('has nothing to report of a reply without audio', () => {
    expect(createPlayer().drop('r')).toBeUndefined();
  });

  it('refuses to hold more than five minutes', () => {
    const player = createPlayer();
    const minute = ms(60_000);
    for (let i = 0; i < 5; i++) add(player, 'r', 0, minute);
    expect(() => add(player, 'r', 0, ms(1))).toThrow(/more than 300 s/);
  });

  it('plays every sample once and in order, whatever the sizes and times of arrival', () => {
    const arrivals = fc.array(fc.record({ afterMs: fc.nat(90), samples: fc.integer({ min: 1, max: 2_000 }) }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(arrivals, (parts) => {
        const player = createPlayer();
        let atMs = 0;
        let count = 0;
        const queue = parts.map(({ afterMs, samples }) => {
          atMs += afterMs;
          return { atMs, samples: Float32Array.from({ length: samples }, () => ++count) };
        });
        const heard: number[] = [];
        for (let step = 0; queue.length > 0 || player.pending; step++) {
          while (queue[0] && queue[0].atMs <= step * frameMs) {
            const part = queue.shift();
            if (part) add(player, 'r', part.atMs, part.samples);
          }
          if (queue.length === 0) player.complete('r');
          const { samples } = player.next(step * frameMs);
          expect(samples.length).toBe(frameSamples);
          heard.push(...samples.filter((sample) => sample !== 0));
        }
        expect(heard).toEqual(Array.from({ length: count }, (_, index) => index + 1));
      }),
      { numRuns: 50 },
    );
  });
});
