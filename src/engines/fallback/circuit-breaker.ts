import type { Clock } from '../../ports/clock.js';
import { ParleyError } from '../../ports/errors.js';

/** When an engine that fails is left alone. Chosen, not measured. */
export type BreakerSettings = {
  /** Failures one after another that open it. @defaultValue 3 */
  readonly failures: number;
  /** How long it stays open; twice as long after each probe that fails. @defaultValue 10000 */
  readonly openMs: number;
  /** @defaultValue 60000 */
  readonly maxOpenMs: number;
};

export const defaultBreakerSettings: BreakerSettings = { failures: 3, openMs: 10_000, maxOpenMs: 60_000 };

/** What waiting does not mend: a probe after the longest time is enough. */
const lasting = ['remote.unauthorized', 'remote.no_key', 'remote.refused'];

/**
 * Keeps requests away from an engine that fails. Closed: all pass. Open: none, for a while. Half-open: one passes as a
 * probe, and what becomes of it closes or opens it again. A wait that the engine asks for opens it for as long.
 */
export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #settings: BreakerSettings;
  #failures = 0;
  #openUntilMs = Number.NEGATIVE_INFINITY;
  #nextOpenMs: number;
  #open = false;
  #probing = false;

  constructor(clock: Clock, settings: Partial<BreakerSettings> = {}) {
    this.#clock = clock;
    this.#settings = { ...defaultBreakerSettings, ...settings };
    this.#nextOpenMs = this.#settings.openMs;
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (!this.#open) return 'closed';
    return this.#clock.nowMs() >= this.#openUntilMs ? 'half-open' : 'open';
  }

  /** Whether a request would pass now. */
  get admits(): boolean {
    const { state } = this;
    return state === 'closed' || (state === 'half-open' && !this.#probing);
  }

  /** A request begins. Exactly one of the others is told how it ended. */
  begin(): void {
    if (this.state === 'half-open') this.#probing = true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#open = false;
    this.#probing = false;
    this.#nextOpenMs = this.#settings.openMs;
  }

  failed(error: unknown): void {
    const { failures, maxOpenMs, openMs } = this.#settings;
    const wasProbe = this.#probing;
    this.#probing = false;
    this.#failures += 1;
    const known = ParleyError.isInstance(error) ? error : undefined;
    if (known && lasting.includes(known.code)) this.#openFor(maxOpenMs);
    else if (known?.retryAfterMs !== undefined) this.#openFor(known.retryAfterMs);
    else if (wasProbe) {
      this.#nextOpenMs = Math.min(maxOpenMs, 2 * this.#nextOpenMs);
      this.#openFor(this.#nextOpenMs);
    } else if (this.#failures >= failures) this.#openFor(openMs);
  }

  /** Nobody wanted the outcome any more: it says nothing of the engine. */
  abandoned(): void {
    this.#probing = false;
  }

  #openFor(ms: number): void {
    this.#open = true;
    this.#openUntilMs = this.#clock.nowMs() + ms;
  }
}
