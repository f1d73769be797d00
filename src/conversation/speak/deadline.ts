import type { Clock } from '../../ports/clock.js';
import { ParleyError } from '../../ports/errors.js';

type Deadline = {
  readonly clock: Clock;
  readonly stallMs: number;
  readonly what: string;
  /** Whoever gives up waiting leaves no timer behind, though the source goes on hanging. */
  readonly signal: AbortSignal;
};

/**
 * The same events, but a wait for the next one of more than `stallMs` fails, and so does one that is given up.
 * @throws ParleyError `reply.stalled` (retryable), naming `what` was waited for
 */
export async function* withDeadline<T>(events: AsyncIterable<T>, options: Deadline): AsyncIterable<T> {
  const iterator = events[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await beforeDeadline(iterator.next(), options);
      ended = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: whoever hangs does not return either.
    if (!ended) iterator.return?.().catch(() => {});
  }
}

function beforeDeadline<T>(promise: Promise<T>, { clock, stallMs, what, signal }: Deadline): Promise<T> {
  return new Promise((resolve, reject) => {
    const disarm = clock.at(clock.nowMs() + stallMs, () => {
      const message = `Nothing came from ${what} for ${stallMs} ms; what it was asked for was given up.`;
      reject(new ParleyError(message, { code: 'reply.stalled', retryable: true, status: 503 }));
    });
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
