import { ParleyError } from '../../audio/error.js';
import type { Clock } from '../../ports/clock.js';

/** The machine slept or was stopped: a call cannot be made up for that. */
const longestStallMs = 5_000;
/** A step that begins this much after its deadline is late: the loop was held up. */
const lateMs = 10;

export type PacerCounts = {
  /** Steps that ran more than 10 ms after their deadline. With many of them, do not trust the call's latencies. */
  readonly lateSteps: number;
  readonly latestMs: number;
};

export type Pacer = {
  readonly counts: PacerCounts;
  /** Ms since step 0, for stamping what arrives between steps. */
  nowMs(): number;
  stop(): void;
};

/**
 * Runs `step(0)`, `step(1)`, … every `periodMs` from now on. Each has its own absolute deadline, so that delays of
 * single timers never add up; steps that are due run at once, in order. `fail` gets what a step throws, and
 * `call.clock_stalled` when the process stood still for seconds; then nothing runs any more.
 */
export function startPacer(options: {
  readonly clock: Clock;
  readonly periodMs: number;
  readonly step: (index: number) => void;
  readonly fail: (error: unknown) => void;
}): Pacer {
  const { clock, periodMs } = options;
  const startMs = clock.nowMs();
  let index = 0;
  let lateSteps = 0;
  let latestMs = 0;
  let stopped = false;
  let disarm = (): void => {};

  const run = (): void => {
    try {
      for (let delay = delayOf(); !stopped && delay >= 0; delay = delayOf()) {
        if (delay > longestStallMs) throw stalled(delay);
        if (delay > lateMs) lateSteps += 1;
        latestMs = Math.max(latestMs, delay);
        options.step(index++);
      }
    } catch (error) {
      stopped = true;
      options.fail(error);
    }
    if (!stopped) disarm = clock.at(startMs + index * periodMs, run);
  };
  const delayOf = (): number => clock.nowMs() - (startMs + index * periodMs);

  disarm = clock.at(startMs, run);
  return {
    get counts() {
      return { lateSteps, latestMs };
    },
    nowMs: () => clock.nowMs() - startMs,
    stop() {
      stopped = true;
      disarm();
    },
  };
}

function stalled(delayMs: number): ParleyError {
  return new ParleyError(
    `This process stood still for ${Math.round(delayMs / 1000)} s, so the call lost its real time; call again.`,
    { code: 'call.clock_stalled', retryable: true },
  );
}
