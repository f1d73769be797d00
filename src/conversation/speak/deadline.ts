import type { Clock } from '../../ports/clock.js';
import { beforeDeadline } from '../../ports/deadline.js';
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
  const { clock, stallMs, what, signal } = options;
  const late = (): Error => {
    const message = `Nothing came from ${what} for ${stallMs} ms; what it was asked for was given up.`;
    return new ParleyError(message, { code: 'reply.stalled', retryable: true, status: 503 });
  };
  const iterator = events[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await beforeDeadline(iterator.next(), { clock, ms: stallMs, late, signal });
      ended = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: whoever hangs does not return either.
    if (!ended) iterator.return?.().catch(() => {});
  }
}
