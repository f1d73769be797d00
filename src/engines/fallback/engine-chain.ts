import type { Clock } from '../../ports/clock.js';
import { beforeDeadline } from '../../ports/deadline.js';
import { ParleyError } from '../../ports/errors.js';
import { type BreakerSettings, CircuitBreaker } from './circuit-breaker.js';

/** How long an engine may take before the next one is asked. Chosen so that the caller hears the rest within 1.5 s. */
export type FallbackDeadlines = {
  /** From a request to the first of its answer. */
  readonly firstMs: number;
  /** Between two pieces of an answer. */
  readonly idleMs: number;
};

/**
 * The last engine has nobody behind it: giving it up early would leave the caller with an apology in place of the rest.
 * Its prompt may have to be computed first.
 */
export const lastEngineMs = 7_000;

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

  /**
   * An engine has not answered. @returns when the next one is to be asked
   * @throws the error, where it is not the engine's fault, the request was given up, or no engine is left
   */
  failed(link: Link<Engine>, error: unknown, next: Link<Engine> | undefined, signal: AbortSignal): void {
    if (signal.aborted || isOurFault(error)) {
      link.breaker.abandoned();
      throw signal.aborted ? signal.reason : error;
    }
    link.breaker.failed(error);
    this.tell(link, next, error as Error);
    if (!next) throw error;
  }

  tell(link: Link<Engine>, next: Link<Engine> | undefined, error: Error): void {
    this.#onFallback?.({ from: link.engine.name, to: next?.engine.name, error });
  }

  /** The same events, each before its deadline. @param next who would be asked otherwise */
  async *timely<T>(
    events: AsyncIterable<T>,
    { engine }: Link<Engine>,
    next: Link<Engine> | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<T, void, undefined> {
    const iterator = events[Symbol.asyncIterator]();
    let ms = next ? this.deadlines.firstMs : lastEngineMs;
    let ended = false;
    try {
      for (;;) {
        const late = (): Error => lateError(engine.name, ms);
        const result = await beforeDeadline(iterator.next(), { clock: this.clock, ms, late, signal });
        ended = result.done === true;
        if (result.done) return;
        yield result.value;
        if (next) ms = this.deadlines.idleMs;
      }
    } finally {
      // Not awaited: whoever hangs does not return either.
      if (!ended) iterator.return?.(undefined).catch(() => {});
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.links.map(({ engine }) => engine.close()));
  }
}

export function lateError(what: string, ms: number): ParleyError {
  return new ParleyError(`Nothing came from ${what} for ${ms} ms.`, {
    code: 'fallback.late',
    retryable: true,
    status: 504,
  });
}

/** Every engine would refuse it. */
function isOurFault(error: unknown): boolean {
  return ParleyError.isInstance(error) && (error.status === 400 || error.code === 'language_model.closed');
}
