import type { Clock } from '../ports/clock.js';
import type { TimerName } from './turn/events.js';

/** The turn machine's timers. Arming one again moves it. */
export class CallTimers {
  readonly #clock: Clock;
  readonly #onFire: (timer: TimerName) => void;
  readonly #armed = new Map<TimerName, () => void>();

  constructor(clock: Clock, onFire: (timer: TimerName) => void) {
    this.#clock = clock;
    this.#onFire = onFire;
  }

  arm(timer: TimerName, atMs: number): void {
    this.disarm(timer);
    const fire = (): void => {
      this.#armed.delete(timer);
      this.#onFire(timer);
    };
    this.#armed.set(timer, this.#clock.at(atMs, fire));
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
