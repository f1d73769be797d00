import type { Clock } from '../../ports/clock.js';
import { ParleyError } from '../../ports/errors.js';

export type SlotsOptions = {
  readonly clock: Clock;
  /** What is counted, for messages: "transcriptions". */
  readonly what: string;
  readonly atOnce: number;
  /** How many may wait. @defaultValue 0 */
  readonly waiting?: number;
  /** @defaultValue 0 */
  readonly waitMs?: number;
};

/** Somebody asks again after about this long. */
const retryAfterMs = 2_000;

type Waiter = { readonly grant: () => void; readonly refuse: (error: Error) => void };

/** So many at once, a few more in a queue, and a refusal for the rest. */
export class Slots {
  readonly #options: SlotsOptions;
  readonly #waiters: Waiter[] = [];
  #taken = 0;

  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  get taken(): number {
    return this.#taken;
  }

  /**
   * Resolves with a function that gives the place back, which is idempotent.
   * @throws ParleyError `layer.full` (503, retryable, with `retryAfterMs`); the signal's reason
   */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const { atOnce, waiting = 0 } = this.#options;
    if (this.#taken < atOnce) this.#taken += 1;
    else if (this.#waiters.length < waiting) await this.#wait(signal);
    else throw this.#full('are under way and as many wait');
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#waiters.shift();
      // The place goes to the next one as it is.
      if (next) next.grant();
      else this.#taken -= 1;
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    const { clock, waitMs = 0 } = this.#options;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        const at = this.#waiters.indexOf(waiter);
        if (at >= 0) this.#waiters.splice(at, 1);
        disarm();
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        grant: () => {
          leave();
          resolve();
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = (): void => waiter.refuse(signal.reason as Error);
      const disarm = clock.at(clock.nowMs() + waitMs, () =>
        waiter.refuse(this.#full(`are under way and none has ended in ${waitMs} ms`)),
      );
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #full(how: string): ParleyError {
    const { what, atOnce } = this.#options;
    return new ParleyError(`${atOnce} ${what} ${how}; try again in a moment.`, {
      code: 'layer.full',
      retryable: true,
      status: 503,
      retryAfterMs,
    });
  }
}
