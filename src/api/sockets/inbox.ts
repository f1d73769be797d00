import { setImmediate as nextTurnOfLoop } from 'node:timers/promises';

/** Text, or what came as binary. */
export type SocketMessage = string | Buffer;

export type InboxOptions = {
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** True when the writer should stop for a while, false when it may go on. */
  readonly onBackPressure: (full: boolean) => void;
};

/** Shares of the capacity at which the writer is asked to stop, and to go on. */
const stopShare = 1 / 4;
const goOnShare = 1 / 8;
/** Messages and bytes that are handed over before other work of the process gets a chance. */
const restEveryMessages = 64;
const restEveryBytes = 64 * 1024;

/** Messages of a socket that wait for their one reader, who gets them one at a time, in order. */
export class Inbox implements AsyncIterable<SocketMessage> {
  readonly #options: InboxOptions;
  #messages: SocketMessage[] = [];
  /** Of `#messages`: shifting long arrays is slow. */
  #next = 0;
  #bytes = 0;
  #ended = false;
  #stopped = false;
  #starved = false;
  #wake: (() => void) | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Whether the reader has dealt with everything and waits for more. */
  get starved(): boolean {
    return this.#starved;
  }

  /** After the end it is dropped. @returns false, with nothing taken, when there is no room */
  push(message: SocketMessage): boolean {
    if (this.#ended) return true;
    const { maxMessages, maxBytes } = this.#options;
    if (this.#waiting >= maxMessages || this.#bytes + message.length > maxBytes) return false;
    this.#messages.push(message);
    this.#bytes += message.length;
    this.#regulate();
    this.#notify();
    return true;
  }

  /** What nobody has read yet is dropped. Idempotent. */
  end(): void {
    this.#ended = true;
    this.#messages = [];
    this.#next = 0;
    this.#bytes = 0;
    this.#regulate();
    this.#notify();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SocketMessage, void, undefined> {
    let messages = 0;
    let bytes = 0;
    while (!this.#ended) {
      const message = this.#take();
      if (message === undefined) {
        messages = 0;
        bytes = 0;
        this.#starved = true;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#starved = false;
        continue;
      }
      yield message;
      messages += 1;
      bytes += message.length;
      if (messages < restEveryMessages && bytes < restEveryBytes) continue;
      messages = 0;
      bytes = 0;
      await nextTurnOfLoop();
    }
  }

  get #waiting(): number {
    return this.#messages.length - this.#next;
  }

  #take(): SocketMessage | undefined {
    const message = this.#messages[this.#next];
    if (message === undefined) return undefined;
    this.#next += 1;
    if (this.#next === this.#messages.length || this.#next >= 1_024) {
      this.#messages = this.#messages.slice(this.#next);
      this.#next = 0;
    }
    this.#bytes -= message.length;
    this.#regulate();
    return message;
  }

  #regulate(): void {
    const { maxMessages, maxBytes, onBackPressure } = this.#options;
    const share = Math.max(this.#waiting / maxMessages, this.#bytes / maxBytes);
    if (this.#stopped ? share > goOnShare : share < stopShare) return;
    this.#stopped = !this.#stopped;
    onBackPressure(this.#stopped);
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
