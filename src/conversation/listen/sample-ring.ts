/** The most recent samples of a stream, addressed by their position since its beginning. */
export class SampleRing {
  readonly #buffer: Float32Array;
  #end = 0;

  constructor(capacitySamples: number) {
    this.#buffer = new Float32Array(capacitySamples);
  }

  /** Position behind the newest sample. */
  get end(): number {
    return this.#end;
  }

  push(samples: Float32Array): void {
    const size = this.#buffer.length;
    const kept = samples.length > size ? samples.subarray(samples.length - size) : samples;
    this.#end += samples.length;
    const start = (this.#end - kept.length) % size;
    const first = Math.min(kept.length, size - start);
    this.#buffer.set(kept.subarray(0, first), start);
    this.#buffer.set(kept.subarray(first), 0);
  }

  /** Samples from `from` (or the oldest that is left) up to `to`. */
  slice(from: number, to = this.#end): Float32Array {
    const size = this.#buffer.length;
    const first = Math.max(from, this.#end - size, 0);
    const last = Math.min(to, this.#end);
    const out = new Float32Array(Math.max(0, last - first));
    for (let i = 0; i < out.length; i++) out[i] = this.#buffer[(first + i) % size] as number;
    return out;
  }
}
