import { beforeDeadline } from '../../ports/deadline.js';
import { ParleyError } from '../../ports/errors.js';
import type { EngineChain, Link } from './engine-chain.js';

/**
 * The last engine has nobody behind it: giving it up early would leave the caller with an apology in place of the rest.
 * Its prompt may have to be computed first.
 */
export const lastEngineMs = 7_000;

/** One engine of a chain is asked, and its breaker is told what became of it. */
export class Attempt<Engine extends { readonly name: string; close(): Promise<void> }> {
  readonly link: Link<Engine>;
  /** Who is asked when this one fails. */
  readonly next: Link<Engine> | undefined;
  readonly #chain: EngineChain<Engine>;
  readonly #signal: AbortSignal;
  #over = false;

  constructor(chain: EngineChain<Engine>, link: Link<Engine>, next: Link<Engine> | undefined, signal: AbortSignal) {
    this.#chain = chain;
    this.link = link;
    this.next = next;
    this.#signal = signal;
    link.breaker.begin();
  }

  succeeded(): void {
    this.#over = true;
    this.link.breaker.succeeded();
  }

  /**
   * The engine has not answered, and the next one is to be asked.
   * @throws the error, where it is not the engine's fault, the request was given up, or no engine is left
   */
  failed(error: unknown): void {
    const { link, next } = this;
    this.#over = true;
    if (this.#signal.aborted || isOurFault(error)) {
      link.breaker.abandoned();
      throw this.#signal.aborted ? this.#signal.reason : error;
    }
    link.breaker.failed(error);
    this.#chain.tell(link, next, error as Error);
    if (!next) throw error;
  }

  /** Nobody waits for it any more. */
  end(): void {
    if (!this.#over) this.link.breaker.abandoned();
  }

  /** The same events up to the one that says that they are all, each before its deadline. */
  async *untilFinish<T extends { readonly type: string }>(
    events: AsyncIterable<T>,
  ): AsyncGenerator<T, void, undefined> {
    const { clock, deadlines } = this.#chain;
    const { name } = this.link.engine;
    const iterator = events[Symbol.asyncIterator]();
    let ms = this.next ? deadlines.firstMs : lastEngineMs;
    let ended = false;
    try {
      for (;;) {
        const late = (): Error => lateError(name, ms);
        const result = await beforeDeadline(iterator.next(), { clock, ms, late, signal: this.#signal });
        ended = result.done === true;
        if (result.done)
          throw new ParleyError(`${name} ended without an end.`, { code: 'fallback.cut_off', retryable: true });
        if (result.value.type === 'finish') this.succeeded();
        yield result.value;
        if (result.value.type === 'finish') return;
        if (this.next) ms = deadlines.idleMs;
      }
    } finally {
      // Not awaited: whoever hangs does not return either.
      if (!ended) iterator.return?.(undefined).catch(() => {});
    }
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
