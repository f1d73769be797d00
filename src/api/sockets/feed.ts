/**
 * Between a socket and one reader that sets the pace: what is pushed waits until it has been taken, so that whoever pushes
 * reads no faster than the work goes on.
 */
export class Feed<T> implements AsyncIterable<T> {
  #item: { readonly value: T } | undefined;
  #over = false;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  /** Resolves when it has been taken, or nobody will take it. One at a time. */
  async push(value: T): Promise<void> {
    if (this.#over) return;
    this.#item = { value };
    this.#wake();
    while (this.#item !== undefined && !this.#over)
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
  }

  /** Nothing more comes. Idempotent. */
  end(): void {
    this.#over = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const item = this.#item;
        if (item) {
          this.#item = undefined;
          this.#wake();
          yield item.value;
        } else if (this.#over) return;
        else
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
      }
    } finally {
      this.#item = undefined;
      this.end();
    }
  }

  #wake(): void {
    const reader = this.#wakeReader;
    const writer = this.#wakeWriter;
    this.#wakeReader = undefined;
    this.#wakeWriter = undefined;
    reader?.();
    writer?.();
  }
}
