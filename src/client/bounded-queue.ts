import { ParleyError } from '../audio/error.js';

/**
 * What came and waits for its one reader. Reading goes on until the end, and what was there before it is still read.
 * @typeParam T what waits; `undefined` is nothing
 */
export class BoundedQueue<T extends object> implements AsyncIterableIterator<T, void, undefined> {
  readonly #most: number;
  readonly #replaces: (later: T, earlier: T) => boolean;
  readonly #onReturn: () => void;
  #waiting: T[] = [];
  #over: { readonly error?: ParleyError } | undefined;
  #wake: (() => void) | undefined;

  /**
   * @param options.most that may wait; one more ends the queue with `client.unread`
   * @param options.replaces whether a later one makes the earlier one, which nobody has read yet, needless
   * @param options.onReturn the reader has stopped reading
   */
  constructor(options: {
    readonly most: number;
    readonly replaces?: (later: T, earlier: T) => boolean;
    readonly onReturn: () => void;
  }) {
    this.#most = options.most;
    this.#replaces = options.replaces ?? (() => false);
    this.#onReturn = options.onReturn;
  }

  /** After the end nothing is taken. */
  push(value: T): void {
    if (this.#over) return;
    const last = this.#waiting.at(-1);
    if (last && this.#replaces(value, last)) this.#waiting[this.#waiting.length - 1] = value;
    else if (this.#waiting.length < this.#most) this.#waiting.push(value);
    else
      this.end(
        new ParleyError(`${this.#most} events wait to be read; read them as they come, or close the stream.`, {
          code: 'client.unread',
          status: 400,
        }),
      );
    this.#notify();
  }

  /** @param error what reading ends with; without one it just ends. The first end counts. */
  end(error?: ParleyError): void {
    this.#over ??= error ? { error } : {};
    this.#notify();
  }

  async next(): Promise<IteratorResult<T, void>> {
    for (;;) {
      const value = this.#waiting.shift();
      if (value !== undefined) return { value, done: false };
      if (this.#over?.error) throw this.#over.error;
      if (this.#over) return { value: undefined, done: true };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<T, void>> {
    this.#waiting = [];
    this.#over = {};
    this.#notify();
    this.#onReturn();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
