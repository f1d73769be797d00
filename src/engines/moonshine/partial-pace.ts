/** New audio before a partial is worth decoding. */
const everyMs = 240;
/** The next partial starts no sooner than this many times the last one's cost: a quarter of one core at most. */
const duty = 4;

/** When the next partial may begin. Times are of a monotonic clock, except for those of the audio. */
export class PartialPace {
  readonly #nowMs: () => number;
  #decodedToMs = 0;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A new utterance: its audio counts from nothing, the last partial's cost still has to be made up for. */
  restart(): void {
    this.#decodedToMs = 0;
  }

  isDue(audioMs: number): boolean {
    return audioMs - this.#decodedToMs >= everyMs && this.#nowMs() >= this.#notBeforeMs;
  }

  /** @returns to be called when the partial has ended, however it has */
  begin(audioMs: number): () => void {
    this.#decodedToMs = audioMs;
    const startedMs = this.#nowMs();
    return () => {
      this.#notBeforeMs = startedMs + duty * (this.#nowMs() - startedMs);
    };
  }
}
