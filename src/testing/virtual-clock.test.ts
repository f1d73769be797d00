import { describe, expect, it } from 'vitest';
import { delay } from './delay.js';
import { VirtualClock } from './virtual-clock.js';

describe('virtual clock', () => {
  it('fires timers in order of their time, and of arming where times are equal', async () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    clock.at(20, () => fired.push('late'));
    clock.at(10, () => fired.push('first'));
    clock.at(10, () => fired.push('second'));
    await clock.advance(20);
    expect(fired).toEqual(['first', 'second', 'late']);
    expect(clock.nowMs()).toBe(20);
  });

  it('shows each timer its own time', async () => {
    const clock = new VirtualClock({ startMs: 100 });
    const seen: number[] = [];
    for (const atMs of [105, 130]) clock.at(atMs, () => seen.push(clock.nowMs()));
    await clock.advance(50);
    expect(seen).toEqual([105, 130]);
  });

  it('lets promises that a timer has settled run before the next timer', async () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    const slow = async (): Promise<void> => {
      await delay(clock, 10);
      // More than one reaction deep: one turn of the microtask queue would not be enough.
      for (let i = 0; i < 50; i++) await Promise.resolve();
      order.push(`after the first timer at ${clock.nowMs()}`);
    };
    void slow();
    clock.at(10.5, () => order.push('second timer'));
    await clock.advance(100);
    expect(order).toEqual(['after the first timer at 10', 'second timer']);
  });

  it('fires timers that are armed on the way, also at the present instant', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    clock.at(5, () => {
      clock.at(5, () => fired.push(clock.nowMs()));
      clock.at(7, () => fired.push(clock.nowMs()));
      clock.at(99, () => fired.push(clock.nowMs()));
    });
    await clock.advance(10);
    expect(fired).toEqual([5, 7]);
  });

  it('never fires while it is being armed, even when the time has come', async () => {
    const clock = new VirtualClock();
    let fired = false;
    clock.at(0, () => {
      fired = true;
    });
    expect(fired).toBe(false);
    await clock.advance(0);
    expect(fired).toBe(true);
  });

  it('does not fire what was disarmed, by a timer of the same instant included', async () => {
    const clock = new VirtualClock();
    let fired = false;
    let disarm = (): void => {};
    clock.at(1, () => disarm());
    disarm = clock.at(1, () => {
      fired = true;
    });
    await clock.advance(5);
    disarm();
    expect(fired).toBe(false);
  });

  it('says that it is not idle when something re-arms itself for ever', async () => {
    const clock = new VirtualClock();
    const again = (): void => {
      clock.at(clock.nowMs() + 20, again);
    };
    again();
    await expect(clock.runUntilIdle(1_000)).rejects.toMatchObject({ code: 'clock.not_idle' });
  });

  it('runs until something is true and stops there', async () => {
    const clock = new VirtualClock();
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      clock.at(clock.nowMs() + 10, tick);
    };
    clock.at(10, tick);
    await clock.runUntil(() => ticks === 3);
    expect(clock.nowMs()).toBe(30);
    await expect(clock.runUntil(() => false, 100)).rejects.toMatchObject({ code: 'clock.not_reached' });
  });

  it('jumps from timer to timer by itself when automatic', async () => {
    const clock = new VirtualClock({ auto: true });
    await delay(clock, 3_600_000);
    expect(clock.nowMs()).toBe(3_600_000);
    await delay(clock, 1);
    expect(clock.nowMs()).toBe(3_600_001);
  });

  it('rejects a delay with the reason as soon as its signal aborts, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const waiting = delay(clock, 1_000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(clock.armed).toBe(0);
  });
});
