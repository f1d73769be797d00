import { durationMs, samplesOf } from '../audio/frame.js';
import type { AudioTag } from '../ports/transport.js';

/** A frame as it arrived, and when it plays: one after the other, without a gap as long as they come in time. */
export type SentFrame = {
  readonly atMs: number;
  readonly playsAtMs: number;
  readonly tag: AudioTag;
  readonly samples: Float32Array;
};

type Playing = SentFrame & { untilMs: number };

/** The loudspeaker at the other end of a call: it plays what it is sent in order and drops what is cleared in time. */
export class FarEnd {
  readonly #rateHz: number;
  readonly #frames: Playing[] = [];
  readonly #clears: number[] = [];
  #freeAtMs = Number.NEGATIVE_INFINITY;

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
  }

  get frames(): readonly SentFrame[] {
    return this.#frames;
  }

  get clears(): readonly number[] {
    return this.#clears;
  }

  play(samples: Float32Array, tag: AudioTag, atMs: number): void {
    const playsAtMs = Math.max(atMs, this.#freeAtMs);
    const untilMs = playsAtMs + durationMs(samples.length, this.#rateHz);
    this.#frames.push({ atMs, playsAtMs, tag, samples: samples.slice(), untilMs });
    this.#freeAtMs = untilMs;
  }

  clear(atMs: number): void {
    this.#clears.push(atMs);
    for (let i = this.#frames.length - 1; i >= 0; i--) {
      const frame = this.#frames[i];
      if (!frame || frame.untilMs <= atMs) break;
      frame.untilMs = Math.max(frame.playsAtMs, atMs);
    }
    this.#freeAtMs = Math.min(this.#freeAtMs, atMs);
  }

  heard(untilMs: number): Float32Array {
    const out = new Float32Array(samplesOf(Math.max(0, untilMs), this.#rateHz));
    for (const frame of this.#frames) {
      // A cleared frame that had not begun does not sound, even where a later one takes its place.
      const length = Math.min(frame.samples.length, samplesOf(frame.untilMs - frame.playsAtMs, this.#rateHz));
      const from = samplesOf(frame.playsAtMs, this.#rateHz);
      const kept = Math.min(length, out.length - from);
      if (kept > 0) out.set(frame.samples.subarray(0, kept), from);
    }
    return out;
  }
}
