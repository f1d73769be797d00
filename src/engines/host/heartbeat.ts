/** Where a host writes its beats: behind the standard streams and the channel for messages. */
export const beatFd = 4;

export const beatEveryMs = 200;

export type HeartbeatOptions = {
  /** A process is taken to be stalled when nothing was heard of it for this long. */
  readonly limitMs: number;
  /** The same for the first beat: until then the host loads its code. */
  readonly firstLimitMs: number;
  /** Called once, with how long nothing was heard. */
  readonly onStall: (silentMs: number) => void;
  /** @defaultValue the process's monotonic clock, ms */
  readonly nowMs?: () => number;
};

/**
 * Listens to one host process for signs of life. A busy host beats, since its beats come from a thread of their own; a
 * stopped one does not. Silence is judged only by looks that were on time themselves: when this process was held up
 * (a busy event loop, a suspended machine), beats may wait unread, and the count begins anew.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #nowMs: () => number;
  #limitMs: number;
  #heardMs: number;
  #lookedMs: number;
  #over = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#limitMs = options.firstLimitMs;
    this.#heardMs = this.#lookedMs = this.#nowMs();
  }

  /** A beat has come. */
  heard(): void {
    this.#heardMs = this.#nowMs();
    this.#limitMs = this.#options.limitMs;
  }

  /** To be called every {@link beatEveryMs}. */
  look(): void {
    if (this.#over) return;
    const now = this.#nowMs();
    const heldUp = now - this.#lookedMs > 2 * beatEveryMs;
    this.#lookedMs = now;
    if (heldUp) this.#heardMs = now;
    const silentMs = now - this.#heardMs;
    if (silentMs < this.#limitMs) return;
    this.#over = true;
    this.#options.onStall(silentMs);
  }
}
