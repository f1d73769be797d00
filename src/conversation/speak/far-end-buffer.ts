import type { Clock } from '../../ports/clock.js';
import type { Playout } from '../../ports/transport.js';

/** What the far end has of the agent's audio and has not played yet, as the clock tells. */
export class FarEndBuffer {
  readonly #clock: Clock;
  readonly #playout: Playout;
  #dueMs = 0;
  #heldMs: number | undefined;
  #clearLate: (() => void) | undefined;

  constructor(clock: Clock, playout: Playout) {
    this.#clock = clock;
    this.#playout = playout;
  }

  /** When all that was sent has been played, on the clock. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** How much of what was sent was not played; while it is held, of what had been sent then. */
  get unplayedMs(): number {
    return this.#heldMs ?? Math.max(0, this.#dueMs - this.#clock.nowMs());
  }

  /** Nothing is played until it is released. */
  get held(): boolean {
    return this.#heldMs !== undefined;
  }

  /** Nothing was there to be played for a while: the next sound is heard when it is sent. */
  catchUp(): void {
    this.#dueMs = Math.max(this.#dueMs, this.#clock.nowMs());
  }

  sent(lengthMs: number): void {
    this.#dueMs += lengthMs;
  }

  hold(): void {
    this.#heldMs = this.unplayedMs;
    this.#dueMs = Math.min(this.#dueMs, this.#clock.nowMs());
    this.#playout.clear();
  }

  release(): void {
    this.#heldMs = undefined;
    this.catchUp();
  }

  /** What plays later than `inMs` from now is not meant any more; `drop`: and the far end may have some of it. */
  cut(inMs: number, drop: boolean): void {
    this.#dueMs = Math.min(this.#dueMs, this.#clock.nowMs() + inMs);
    if (drop) this.#clearAt(this.#dueMs);
  }

  /** What is to be dropped at the end of a word is dropped now. */
  clearLate(): void {
    this.#clearLate?.();
  }

  #clearAt(atMs: number): void {
    const clear = (): void => {
      disarm?.();
      this.#clearLate = undefined;
      this.#playout.clear();
    };
    let disarm: (() => void) | undefined;
    if (atMs <= this.#clock.nowMs()) clear();
    else {
      disarm = this.#clock.at(atMs, clear);
      this.#clearLate = clear;
    }
  }
}
