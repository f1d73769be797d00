import { describe, expect, it } from 'vitest';
import { CallRig, wordsOf } from './support/call-rig.js';

/** mulberry32 (T. Ettinger, public domain): a small generator whose sequence follows from its seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const things = ['tea', 'coffee', 'milk', 'cake', 'juice', 'toast', 'soup', 'rice', 'bread', 'cocoa'];
const filler = 'one moment please';

function randomCall(seed: number) {
  const random = randomFrom(seed);
  const between = (from: number, to: number): number => Math.round(from + (to - from) * random());
  const words = (from: number, to: number): string =>
    Array.from({ length: between(from, to) }, () => things[between(0, things.length - 1)]).join(' ');
  return { random, between, words };
}

/** What history says was heard of each reply, against what came out at the far end while it played. */
function expectHistoryHeard(rig: CallRig): void {
  const starts = new Map<number, number>();
  for (const frame of rig.transport.sent)
    if (!starts.has(frame.tag.reply)) starts.set(frame.tag.reply, frame.playsAtMs);
  const order = [...starts.entries()].sort((a, b) => a[1] - b[1]);
  for (const [index, [reply, fromMs]] of order.entries()) {
    const untilMs = order[index + 1]?.[1] ?? Number.POSITIVE_INFINITY;
    const told = wordsOf(rig.of('reply-finished').find(({ event }) => event.reply === reply)?.event.heard ?? '');
    const played = rig.wordsBetween(fromMs, untilMs);
    const lengthMs = (word: { startMs: number; endMs: number }): number => word.endMs - word.startMs;
    const texts = (minMs: number): string =>
      played
        .filter((word) => lengthMs(word) >= minMs)
        .map((word) => word.text)
        .join(' ')
        .replace(filler, '')
        .trim();
    // The decoder measures a word that was cut to within two of its steps.
    expect([texts(115), texts(125), texts(135)], `reply ${reply}`).toContain(told);
  }
}

function expectNoDeadAir(rig: CallRig): void {
  const finished = rig.of('reply-finished');
  for (const { atMs, event } of rig.of('turn-committed')) {
    if (event.reply === undefined) continue;
    const stopped = finished.find((each) => each.event.reply === event.reply && each.event.status !== 'completed');
    const audibleMs = rig.audibleAfter(atMs);
    // A caller who goes on speaking before the answer has begun takes the floor: there is nothing to wait for.
    if (stopped && stopped.atMs <= audibleMs && stopped.atMs - atMs < 2_500) continue;
    expect(audibleMs - atMs, `turn ${event.turn}`).toBeLessThanOrEqual(2_510);
  }
}

describe('fifty turns at random moments', () => {
  it.each([1, 2, 3, 4, 5])(
    'seed %d: no reply over another, no dead air, and history is what was heard',
    async (seed) => {
      const { random, between, words } = randomCall(seed);
      const rig = await CallRig.open({
        greet: seed % 2 === 0,
        reply: () => `Okay, ${words(1, 8)}. ${words(1, 8)}.`,
        model: {
          firstTokenMs: 300,
          fail: ({ kind }) => (kind === 'generate' && random() < 0.004 ? new Error('the model is gone') : undefined),
        },
        stt: { fail: () => (random() < 0.05 ? new Error('the ear is gone') : undefined) },
        endOfTurn: { probability: () => random() },
      });
      rig.transport.connect();
      for (let turn = 0; turn < 10; turn++) {
        await rig.say(words(1, 6));
        // Sometimes into the answer, sometimes into the wait for it, sometimes long after.
        await rig.clock.advance(random() < 0.5 ? between(40, 1_500) : between(1_500, 6_000));
      }
      await rig.clock.advance(15_000);
      expect(rig.of('turn-committed').length).toBeGreaterThan(2);
      expect(rig.of('reply-started')).toHaveLength(rig.of('reply-finished').length);
      expectHistoryHeard(rig);
      expectNoDeadAir(rig);
      await rig.end();
    },
  );
});
