import type { Clock } from '../ports/clock.js';
import type { TimerName } from './turn/events.js';

/** The turn machine's timers. Arming one again moves it. */
export class CallTimers {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #onFire: (timer: TimerName) => void;
  readonly #armed = new Map<TimerName, () => void>();

  /** @param startedMs when the call began, on the clock: its events count from there */
  constructor(clock: Clock, startedMs: number, onFire: (timer: TimerName) => void) {
    this.#clock = clock;
    this.#startedMs = startedMs;
    this.#onFire = onFire;
  }

  arm(timer: TimerName, atSeenMs: number): void {
    this.disarm(timer);
    const fire = (): void => {
      this.#armed.delete(timer);
      this.#onFire(timer);
    };
    this.#armed.set(timer, this.#clock.at(this.#startedMs + atSeenMs, fire));
  }

  /** @returns whether it was armed */
  disarm(timer: TimerName): boolean {
    this.#armed.get(timer)?.();
    return this.#armed.delete(timer);
  }

  close(): void {
    for (const timer of [...this.#armed.keys()]) this.disarm(timer);
  }
}
