import { describe, expect, it } from 'vitest';
import type { Clock } from '../../ports/clock.js';
import { startPacer } from './pacer.js';
import { createVirtualClock } from './virtual-call-fixture.js';

/** A clock whose timers all fire late by the same time, as those of a busy process do. */
function lateBy(clock: Clock, ms: number): Clock {
  return { nowMs: clock.nowMs, at: (atMs, fire) => clock.at(Math.max(atMs, clock.nowMs()) + ms, fire) };
}

describe('the pacer', () => {
  it('does not drift when every timer is late', async () => {
    const clock = createVirtualClock();
    let steps = 0;
    startPacer({ clock: lateBy(clock, 7), periodMs: 20, step: () => steps++, fail: () => {} });
    await clock.advance(60_000);
    expect(steps).toBe(3_000);
  });

  it('makes up for steps that it missed, in order, and counts them as late', async () => {
    const clock = createVirtualClock();
    const steps: number[] = [];
    const pacer = startPacer({
      clock: lateBy(clock, 110),
      periodMs: 20,
      step: (index) => steps.push(index),
      fail: () => {},
    });
    await clock.advance(1_000);
    expect(steps).toEqual(steps.map((_, index) => index));
    expect(steps.length).toBeGreaterThanOrEqual(40);
    expect(pacer.counts.latestMs).toBe(110);
    expect(pacer.counts.lateSteps).toBeGreaterThan(0);
  });

  it('gives up after standing still for seconds instead of sending it all at once', async () => {
    const clock = createVirtualClock();
    const errors: unknown[] = [];
    let steps = 0;
    startPacer({ clock: lateBy(clock, 6_000), periodMs: 20, step: () => steps++, fail: (error) => errors.push(error) });
    await clock.advance(20_000);
    expect(steps).toBe(0);
    expect(errors).toMatchObject([{ code: 'call.clock_stalled' }]);
  });

  it('stops at an error of a step and reports it once', async () => {
    const clock = createVirtualClock();
    const errors: unknown[] = [];
    startPacer({
      clock,
      periodMs: 20,
      step: (index) => {
        if (index === 3) throw new Error('no');
      },
      fail: (error) => errors.push(error),
    });
    await clock.advance(1_000);
    expect(errors).toHaveLength(1);
  });

  it('runs nothing after it was stopped', async () => {
    const clock = createVirtualClock();
    let steps = 0;
    const pacer = startPacer({
      clock,
      periodMs: 20,
      step: (index) => {
        steps += 1;
        if (index === 2) pacer.stop();
      },
      fail: () => {},
    });
    await clock.advance(1_000);
    expect(steps).toBe(3);
  });
});
