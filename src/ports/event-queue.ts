import { ParleyError } from './errors.js';

/** Enough for any consumer that is alive; more means that nobody reads. */
const defaultCapacity = 4_096;

/** A bounded queue between a producer and one `for await` consumer. Ends quietly when `signal` aborts. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #capacity: number;
  #wake: (() => void) | undefined;
  #ended = false;
  #error: Error | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.end();

  constructor(signal?: AbortSignal, capacity = defaultCapacity) {
    this.#capacity = capacity;
    this.#signal = signal;
    if (signal?.aborted) this.#ended = true;
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Drops the item when the queue has ended. @throws never: an overflow fails the consumer instead */
  push(item: T): void {
    if (this.#ended) return;
    if (this.#items.length >= this.#capacity) {
      this.fail(
        new ParleyError(`Nobody read ${this.#capacity} events; the stream was given up.`, { code: 'queue.full' }),
      );
      return;
    }
    this.#items.push(item);
    this.#notify();
  }

  end(): void {
    this.#ended = true;
    // A signal often lives as long as a call, and a queue much shorter.
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#notify();
  }

  fail(error: Error): void {
    this.#error ??= error;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      while (this.#items.length > 0) yield this.#items.shift() as T;
      if (this.#error) throw this.#error;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
