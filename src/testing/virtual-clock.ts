import { setImmediate as nextMacrotask } from 'node:timers';
import type { Clock } from '../ports/clock.js';
import { ParleyError } from '../ports/errors.js';

/** Timers that re-arm themselves at one instant would otherwise never let time go on. */
const maxFiringsPerInstant = 100_000;

export type VirtualClockOptions = {
  /** @defaultValue 0 */
  readonly startMs?: number;
  /**
   * Time jumps to the next timer by itself as soon as all code that can run has run. For tests that only await results
   * and do not care what time it is.
   * @defaultValue false
   */
  readonly auto?: boolean;
};

type Timer = { readonly atMs: number; readonly order: number; readonly fire: () => void };

/**
 * A {@link Clock} that stands still until a test moves it. Between two timers every promise that can settle does, so
 * that asynchronous code sees the same order of events in every run. Code under test must wait for nothing but promises
 * and this clock; for real input or output (a file, WebAssembly being compiled) call {@link settle} until it is there.
 */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #auto: boolean;
  #nowMs: number;
  #order = 0;
  #running = false;

  constructor(options: VirtualClockOptions = {}) {
    this.#nowMs = options.startMs ?? 0;
    this.#auto = options.auto ?? false;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Timers that wait, those of the present instant included. */
  get armed(): number {
    return this.#timers.size;
  }

  at(atMs: number, fire: () => void): () => void {
    if (Number.isNaN(atMs))
      throw new ParleyError('A timer needs a time; it was given NaN.', { code: 'clock.bad_time' });
    const timer: Timer = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, fire };
    this.#timers.add(timer);
    if (this.#auto && !this.#running) void this.#runAlone();
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Lets everything run that can run now, without moving time or firing timers. */
  settle(): Promise<void> {
    // A macrotask comes after all promise reactions, and the reactions to those.
    return new Promise((resolve) => nextMacrotask(resolve));
  }

  /** Moves time on by `ms`, firing each timer at its own time. Rejects with what a timer throws. */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new ParleyError(`Time cannot advance by ${ms} ms.`, { code: 'clock.bad_time' });
    const untilMs = this.#nowMs + ms;
    await this.#run(untilMs, () => false);
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /**
   * Fires timers in order until none is left.
   * @param limitMs virtual time after which it gives up: something re-arms itself for ever
   * @throws ParleyError `clock.not_idle`
   */
  async runUntilIdle(limitMs = 600_000): Promise<void> {
    await this.#run(this.#nowMs + limitMs, () => false);
    if (this.#timers.size === 0) return;
    const message = `${this.#timers.size} timers are still armed after ${limitMs} ms of virtual time; stop what re-arms itself, or use advance().`;
    throw new ParleyError(message, { code: 'clock.not_idle' });
  }

  /**
   * Moves time on until `reached()`, which is asked after each timer.
   * @throws ParleyError `clock.not_reached` after `limitMs` of virtual time
   */
  async runUntil(reached: () => boolean, limitMs = 60_000): Promise<void> {
    await this.settle();
    if (reached()) return;
    if (await this.#run(this.#nowMs + limitMs, reached)) return;
    throw new ParleyError(`What the test waits for has not happened within ${limitMs} ms of virtual time.`, {
      code: 'clock.not_reached',
    });
  }

  /** @returns whether it was stopped by `stop` */
  async #run(untilMs: number, stop: () => boolean): Promise<boolean> {
    if (this.#running || this.#auto)
      throw new ParleyError('This clock is running already; await the call before, and do not move an automatic one.', {
        code: 'clock.running',
      });
    this.#running = true;
    try {
      await this.settle();
      let firings = 0;
      for (let timer = this.#next(untilMs); timer; timer = this.#next(untilMs)) {
        firings = timer.atMs > this.#nowMs ? 0 : firings + 1;
        if (firings > maxFiringsPerInstant)
          throw new ParleyError(`Timers at ${this.#nowMs} ms re-arm themselves without end.`, { code: 'clock.stuck' });
        this.#fire(timer);
        await this.settle();
        if (stop()) return true;
      }
      return false;
    } finally {
      this.#running = false;
    }
  }

  async #runAlone(): Promise<void> {
    this.#running = true;
    await this.settle();
    for (let timer = this.#next(Number.POSITIVE_INFINITY); timer; timer = this.#next(Number.POSITIVE_INFINITY)) {
      this.#fire(timer);
      await this.settle();
    }
    this.#running = false;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#nowMs = Math.max(this.#nowMs, timer.atMs);
    timer.fire();
  }

  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers)
      if (
        timer.atMs <= untilMs &&
        (!next || timer.atMs < next.atMs || (timer.atMs === next.atMs && timer.order < next.order))
      )
        next = timer;
    return next;
  }
}
