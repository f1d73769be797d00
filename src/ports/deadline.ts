import type { Clock } from './clock.js';

export type Wait = {
  readonly clock: Clock;
  readonly ms: number;
  /** What the wait fails with when it has lasted for `ms`. */
  readonly late: () => Error;
  readonly signal: AbortSignal;
};

/** The promise's outcome; after `ms` it rejects with `late()`, and when the signal aborts with its reason. Leaves no timer. */
export function beforeDeadline<T>(promise: Promise<T>, { clock, ms, late, signal }: Wait): Promise<T> {
  return new Promise((resolve, reject) => {
    const disarm = clock.at(clock.nowMs() + ms, () => reject(late()));
    const onAbort = (): void => {
      disarm();
      reject(signal.reason as Error);
    };
    const over = (): void => {
      disarm();
      signal.removeEventListener('abort', onAbort);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(over);
  });
}
