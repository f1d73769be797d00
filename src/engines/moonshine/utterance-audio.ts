/** The audio of one utterance, by position since its first sample. What lies before a point may be forgotten. */
export class UtteranceAudio {
  #samples = new Float32Array(32_000);
  /** Position of the first sample that is still there. */
  #from: number;
  #length = 0;

  /** @param from position of the first sample that will be appended */
  constructor(from = 0) {
    this.#from = from;
  }

  /** One past the newest sample. */
  get end(): number {
    return this.#from + this.#length;
  }

  append(samples: Float32Array): void {
    if (this.#length + samples.length > this.#samples.length) {
      const larger = new Float32Array(Math.max(this.#samples.length * 2, this.#length + samples.length));
      larger.set(this.#samples.subarray(0, this.#length));
      this.#samples = larger;
    }
    this.#samples.set(samples, this.#length);
    this.#length += samples.length;
  }

  /** A copy: what is appended later does not show in it. */
  between(from: number, to: number): Float32Array {
    return this.#samples.slice(Math.max(0, from - this.#from), Math.max(0, Math.min(to, this.end) - this.#from));
  }

  forgetBefore(position: number): void {
    const drop = Math.min(this.#length, Math.max(0, position - this.#from));
    if (drop === 0) return;
    this.#samples.copyWithin(0, drop, this.#length);
    this.#from += drop;
    this.#length -= drop;
  }
}
