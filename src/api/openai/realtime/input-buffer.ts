import { durationMs } from '../../../audio/frame.js';

/** Less is taken for a mistake, as the protocol has it. */
export const smallestCommitMs = 100;

/** How much of the appended audio belongs to no turn yet. The audio itself goes to the call at once. */
export class InputBuffer {
  #appendedMs = 0;
  #startMs = 0;

  get lengthMs(): number {
    return Math.max(0, this.#appendedMs - this.#startMs);
  }

  append(samples: number, rateHz: number): void {
    this.#appendedMs += durationMs(samples, rateHz);
  }

  /** Everything so far has been committed or is not meant. */
  clear(): void {
    this.#startMs = this.#appendedMs;
  }

  /** A turn has taken everything up to here. */
  heard(untilMs: number): void {
    this.#startMs = Math.max(this.#startMs, untilMs);
  }
}
