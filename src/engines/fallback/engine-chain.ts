import type { Clock } from '../../ports/clock.js';
import { Attempt } from './attempt.js';
import { type BreakerSettings, CircuitBreaker } from './circuit-breaker.js';

/** How long an engine may take before the next one is asked. Chosen so that the caller hears the rest within 1.5 s. */
export type FallbackDeadlines = {
  /** From a request to the first of its answer. */
  readonly firstMs: number;
  /** Between two pieces of an answer. */
  readonly idleMs: number;
};

export type FallbackEvent = {
  /** The engine that failed, and the one that is asked now; undefined where none is left. */
  readonly from: string;
  readonly to: string | undefined;
  readonly error: Error;
};

export type FallbackOptions<Engine> = {
  /** In the order in which they are wanted, at least one. */
  readonly engines: readonly [Engine, ...Engine[]];
  readonly clock: Clock;
  readonly deadlines?: Partial<FallbackDeadlines>;
  readonly breaker?: Partial<BreakerSettings>;
  /** An engine has failed. */
  readonly onFallback?: ((event: FallbackEvent) => void) | undefined;
};

export type Link<Engine> = { readonly engine: Engine; readonly breaker: CircuitBreaker };

/** Engines of one port in order, each behind its breaker. */
export class EngineChain<Engine extends { readonly name: string; close(): Promise<void> }> {
  readonly name: string;
  readonly links: readonly Link<Engine>[];
  readonly clock: Clock;
  readonly deadlines: FallbackDeadlines;
  readonly #onFallback: ((event: FallbackEvent) => void) | undefined;

  constructor(options: FallbackOptions<Engine>, defaults: FallbackDeadlines) {
    this.clock = options.clock;
    this.deadlines = { ...defaults, ...options.deadlines };
    this.links = options.engines.map((engine) => ({
      engine,
      breaker: new CircuitBreaker(options.clock, options.breaker),
    }));
    this.name = options.engines.map((engine) => engine.name).join(', else ');
    this.#onFallback = options.onFallback;
  }

  /** The engines in the order in which they are to be asked: those that are left alone come last, not never. */
  order(): readonly Link<Engine>[] {
    const admitted = this.links.filter(({ breaker }) => breaker.admits);
    return [...admitted, ...this.links.filter((link) => !admitted.includes(link))];
  }

  /** Asks one engine after the other, for as long as the last one has failed. */
  *attempts(signal: AbortSignal): Generator<Attempt<Engine>, void, undefined> {
    const order = this.order();
    for (const [index, link] of order.entries()) {
      const attempt = new Attempt(this, link, order[index + 1], signal);
      try {
        yield attempt;
      } finally {
        attempt.end();
      }
    }
  }

  tell(link: Link<Engine>, next: Link<Engine> | undefined, error: Error): void {
    this.#onFallback?.({ from: link.engine.name, to: next?.engine.name, error });
  }

  async close(): Promise<void> {
    await Promise.all(this.links.map(({ engine }) => engine.close()));
  }
}
