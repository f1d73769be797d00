import { samplesOf } from '../../audio/frame.js';
import { rmsDb } from '../../audio/loudness.js';

/** As where the local voice is cut: above the background of a synthetic voice, below a weak "h". */
const gateDb = -45;
const windowMs = 5;
/** Kept before the onset, so that the rise of a plosive is not cut. */
const keepMs = 10;

/** Leaves the silence out that a service puts in front of speech, while it streams. */
export class SpeechOnset {
  readonly #window: number;
  readonly #keep: number;
  #held = new Float32Array(0);
  #begun = false;
  #leftOut = 0;

  constructor(rateHz: number) {
    this.#window = samplesOf(windowMs, rateHz);
    this.#keep = samplesOf(keepMs, rateHz);
  }

  /** Samples that were left out so far. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** @returns what is to be heard of the stream; empty while all was silent */
  push(samples: Float32Array): Float32Array {
    if (this.#begun) return samples;
    const all = new Float32Array(this.#held.length + samples.length);
    all.set(this.#held);
    all.set(samples, this.#held.length);
    let at = 0;
    for (; at + this.#window <= all.length; at += this.#window)
      if (rmsDb(all.subarray(at, at + this.#window)) > gateDb) {
        this.#begun = true;
        return this.#behind(all, at);
      }
    this.#held = this.#behind(all, at);
    return new Float32Array(0);
  }

  #behind(samples: Float32Array, silent: number): Float32Array<ArrayBuffer> {
    const from = Math.max(0, silent - this.#keep);
    this.#leftOut += from;
    return samples.slice(from);
  }
}
