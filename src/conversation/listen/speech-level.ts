/** What callers who have not spoken yet are taken for: quiet ones, who must be able to interrupt a greeting. */
const assumedDb = -38;
/** Windows that are surely speech teach. */
const surelySpeech = 0.8;
/** A level is known after this much speech. */
const knownAfterMs = 400;
/** Rises are followed faster than falls: pauses and weak sounds are part of loud speech. */
const riseShare = 0.1;
const fallShare = 0.02;

/** How loudly the caller usually speaks. */
export class SpeechLevel {
  #levelDb: number | undefined;
  #heardMs = 0;

  hear(levelDb: number, probability: number, lengthMs: number): void {
    if (probability < surelySpeech) return;
    this.#heardMs += lengthMs;
    const before = this.#levelDb ?? levelDb;
    this.#levelDb = before + (levelDb > before ? riseShare : fallShare) * (levelDb - before);
  }

  /** A level against the usual one, in dB. */
  relativeDb(levelDb: number): number {
    const known = this.#heardMs >= knownAfterMs ? this.#levelDb : undefined;
    return levelDb - (known ?? assumedDb);
  }
}
