import { describe, expect, it } from 'vitest';
import { beatEveryMs, Heartbeat } from './heartbeat.js';

function watched() {
  let now = 0;
  const stalls: number[] = [];
  const heartbeat = new Heartbeat({
    limitMs: 1_000,
    firstLimitMs: 5_000,
    onStall: (silentMs) => stalls.push(silentMs),
    nowMs: () => now,
  });
  /** Time passes, with a look every so often as it should be. */
  const pass = (ms: number, beats: boolean): void => {
    for (let passed = 0; passed < ms; passed += beatEveryMs) {
      now += beatEveryMs;
      if (beats) heartbeat.heard();
      heartbeat.look();
    }
  };
  const holdUp = (ms: number): void => {
    now += ms;
    heartbeat.look();
  };
  return { pass, holdUp, stalls };
}

describe('heartbeat', () => {
  it('a host that beats is left alone; one that falls silent is found once, after the limit', () => {
    const { pass, stalls } = watched();
    pass(60_000, true);
    expect(stalls).toEqual([]);
    pass(800, false);
    expect(stalls).toEqual([]);
    pass(400, false);
    expect(stalls).toEqual([1_000]);
    pass(5_000, false);
    expect(stalls).toHaveLength(1);
  });

  it('the first beat may take longer', () => {
    const { pass, stalls } = watched();
    pass(4_800, false);
    expect(stalls).toEqual([]);
    pass(200, false);
    expect(stalls).toEqual([5_000]);
  });

  it('a watcher that was held up itself blames nobody', () => {
    const { pass, holdUp, stalls } = watched();
    pass(1_000, true);
    holdUp(30_000);
    pass(800, false);
    expect(stalls).toEqual([]);
    pass(200, true);
    for (let i = 0; i < 20; i++) holdUp(700);
    expect(stalls).toEqual([]);
  });
});
