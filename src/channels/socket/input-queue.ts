import { setImmediate as nextTurnOfLoop } from 'node:timers/promises';
import { samplesOf } from '../../audio/frame.js';
import type { TransportInput } from '../../ports/transport.js';

/** What is handed over at once. A long upload arrives in pieces that do not hold up the event loop. */
const blockMs = 100;
/** Audio taken without a pause before other work of the process gets a chance. */
const restEveryMs = 1_000;
const mostMarks = 1_024;
/** Shares of the capacity at which the writer is asked to stop, and to go on. */
const stopShare = 1 / 4;
const goOnShare = 1 / 8;

export type InputQueueOptions = {
  readonly rateHz: number;
  readonly capacityMs: number;
  /** True when the writer should stop for a while, false when it may go on. */
  readonly onBackPressure?: (full: boolean) => void;
};

type Block = { readonly type: 'block'; readonly samples: Float32Array; filled: number };
/** What has its place among the audio. */
type Mark = Extract<TransportInput, { type: 'barrier' | 'dtmf' }>;

/**
 * The caller's audio between a socket, at whatever pace it delivers, and the one reader of a call. Bounded in samples,
 * not in frames: tiny frames share a block.
 */
export class InputQueue implements AsyncIterable<TransportInput> {
  readonly #rateHz: number;
  readonly #capacitySamples: number;
  readonly #blockSamples: number;
  #entries: (Block | Mark)[] = [];
  #waitingSamples = 0;
  #waitingMarks = 0;
  #takenSamples = 0;
  #endReason: string | undefined;
  #wake: (() => void) | undefined;
  #stopped = false;
  readonly #onBackPressure: (full: boolean) => void;

  constructor(options: InputQueueOptions) {
    this.#onBackPressure = options.onBackPressure ?? (() => {});
    this.#rateHz = options.rateHz;
    this.#capacitySamples = samplesOf(options.capacityMs, options.rateHz);
    this.#blockSamples = samplesOf(blockMs, options.rateHz);
  }

  /** Samples that the reader has taken since the beginning. */
  get takenSamples(): number {
    return this.#takenSamples;
  }

  /** Copies `samples` in. After the end they are dropped. @returns false, with nothing taken, when there is no room */
  push(samples: Float32Array): boolean {
    if (this.#endReason !== undefined) return true;
    if (this.#waitingSamples + samples.length > this.#capacitySamples) return false;
    for (let offset = 0; offset < samples.length; ) {
      const block = this.#openBlock();
      const part = samples.subarray(offset, offset + block.samples.length - block.filled);
      block.samples.set(part, block.filled);
      block.filled += part.length;
      offset += part.length;
    }
    this.#waitingSamples += samples.length;
    this.#regulate();
    this.#notify();
    return true;
  }

  /** `reached` is called when the reader has dealt with all audio before it. @returns false when there are too many */
  barrier(reached: () => void): boolean {
    return this.#mark({ type: 'barrier', reached });
  }

  /** The caller presses a key. @returns false when too much waits */
  key(digit: string): boolean {
    return this.#mark({ type: 'dtmf', digit });
  }

  /** The far end is gone: what nobody has heard yet is dropped, and the reader is told. Idempotent. */
  end(reason: string): void {
    if (this.#endReason !== undefined) return;
    this.#endReason = reason;
    this.#clear();
    this.#notify();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TransportInput, void, void> {
    const restSamples = samplesOf(restEveryMs, this.#rateHz);
    let sinceRest = 0;
    try {
      for (;;) {
        const entry = this.#entries.shift();
        if (entry && entry.type !== 'block') {
          this.#waitingMarks -= 1;
          yield entry;
        } else if (entry) {
          this.#waitingSamples -= entry.filled;
          this.#takenSamples += entry.filled;
          sinceRest += entry.filled;
          this.#regulate();
          yield { type: 'audio', frame: { samples: entry.samples.subarray(0, entry.filled), rateHz: this.#rateHz } };
          if (sinceRest < restSamples) continue;
          sinceRest = 0;
          await nextTurnOfLoop();
        } else if (this.#endReason !== undefined) {
          yield { type: 'closed', reason: this.#endReason };
          return;
        } else {
          sinceRest = 0;
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.#endReason ??= 'the reader has stopped';
      this.#clear();
    }
  }

  #mark(mark: Mark): boolean {
    if (this.#endReason !== undefined) return true;
    if (this.#waitingMarks >= mostMarks) return false;
    this.#waitingMarks += 1;
    this.#entries.push(mark);
    this.#notify();
    return true;
  }

  #openBlock(): Block {
    const last = this.#entries.at(-1);
    if (last?.type === 'block' && last.filled < last.samples.length) return last;
    const block: Block = { type: 'block', samples: new Float32Array(this.#blockSamples), filled: 0 };
    this.#entries.push(block);
    return block;
  }

  #clear(): void {
    this.#entries = [];
    this.#waitingSamples = 0;
    this.#waitingMarks = 0;
    this.#regulate();
  }

  #regulate(): void {
    const share = this.#waitingSamples / this.#capacitySamples;
    if (this.#stopped ? share > goOnShare : share < stopShare) return;
    this.#stopped = !this.#stopped;
    this.#onBackPressure(this.#stopped);
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
