import type { Clock } from '../ports/clock.js';

/** The machine's monotonic clock. Timers fire at or after their time, never before. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  at: (atMs, fire) => {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const leftMs = atMs - performance.now();
      if (leftMs <= 0) fire();
      // Node rounds down to whole milliseconds and may be early.
      else timer = setTimeout(wait, Math.ceil(leftMs));
    };
    timer = setTimeout(wait, Math.max(0, Math.ceil(atMs - performance.now())));
    return () => clearTimeout(timer);
  },
};
