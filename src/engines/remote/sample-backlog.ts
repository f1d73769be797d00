import { concatSamples } from '../../audio/frame.js';

/** Samples in the order they came, from which the oldest are dropped. */
export class SampleBacklog {
  #parts: Float32Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(samples: Float32Array): void {
    this.#parts.push(samples);
    this.#length += samples.length;
  }

  drop(count: number): void {
    let left = Math.min(count, this.#length);
    this.#length -= left;
    while (left > 0) {
      const [oldest] = this.#parts;
      if (!oldest) return;
      if (oldest.length > left) {
        this.#parts[0] = oldest.subarray(left);
        return;
      }
      left -= oldest.length;
      this.#parts.shift();
    }
  }

  all(): Float32Array {
    const joined = concatSamples(this.#parts);
    this.#parts = [joined];
    return joined;
  }
}
