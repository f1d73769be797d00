/** What callers who have not spoken yet are taken for: quiet ones, who must be able to interrupt a greeting. */
const assumedDb = -38;
/** Windows that are surely speech teach. */
const surelySpeech = 0.8;
/** A level is known after this much speech. */
const knownAfterMs = 400;
/** What was said longer ago counts less and less. */
const memoryMs = 3_000;

/** How loudly the caller usually speaks: mean power, as that of an overlap is, so that the same voice gives 0 dB. */
export class SpeechLevel {
  #power = 0;
  #heardMs = 0;

  hear(levelDb: number, probability: number, lengthMs: number): void {
    if (probability < surelySpeech) return;
    this.#heardMs += lengthMs;
    this.#power += (lengthMs / Math.min(this.#heardMs, memoryMs)) * (10 ** (levelDb / 10) - this.#power);
  }

  /** A level against the usual one, in dB. */
  relativeDb(levelDb: number): number {
    return levelDb - (this.#heardMs >= knownAfterMs ? 10 * Math.log10(this.#power) : assumedDb);
  }
}
