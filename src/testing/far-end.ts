import { durationMs, samplesOf } from '../audio/frame.js';
import type { AudioTag } from '../ports/transport.js';

/** A frame as it arrived, and when it plays: one after the other, without a gap as long as they come in time. */
export type SentFrame = {
  readonly atMs: number;
  readonly playsAtMs: number;
  /** When it has played, or was cut; a frame that was dropped before it began ends where it begins. */
  readonly untilMs: number;
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

  /** @returns the frame; `untilMs` becomes earlier when it is cut */
  play(samples: Float32Array, tag: AudioTag, atMs: number): SentFrame {
    const playsAtMs = Math.max(atMs, this.#freeAtMs);
    const untilMs = playsAtMs + durationMs(samples.length, this.#rateHz);
    const frame = { atMs, playsAtMs, tag, samples: samples.slice(), untilMs };
    this.#frames.push(frame);
    this.#freeAtMs = untilMs;
    return frame;
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

  /** How much of a reply has come out of the loudspeaker until `atMs`. */
  playedMs(reply: number, atMs: number): number {
    let playedMs = 0;
    for (let i = this.#frames.length - 1; i >= 0; i--) {
      const { tag, playsAtMs, untilMs } = this.#frames[i] as Playing;
      if (tag.reply < reply) break;
      if (tag.reply === reply) playedMs += Math.max(0, Math.min(untilMs, atMs) - playsAtMs);
    }
    return playedMs;
  }

  /** What came out of the loudspeaker of one reply, from its first sample on, pauses for want of audio included. */
  heardOf(reply: number): Float32Array {
    const frames = this.#frames.filter((frame) => frame.tag.reply === reply && frame.untilMs > frame.playsAtMs);
    const [first] = frames;
    const last = frames.at(-1);
    if (!first || !last) return new Float32Array(0);
    return this.#placed(frames, first.playsAtMs, last.untilMs);
  }

  heard(untilMs: number): Float32Array {
    return this.#placed(this.#frames, 0, Math.max(0, untilMs));
  }

  #placed(frames: readonly Playing[], fromMs: number, untilMs: number): Float32Array {
    const out = new Float32Array(samplesOf(untilMs - fromMs, this.#rateHz));
    for (const frame of frames) {
      // A cleared frame that had not begun does not sound, even where a later one takes its place.
      const length = Math.min(frame.samples.length, samplesOf(frame.untilMs - frame.playsAtMs, this.#rateHz));
      const from = samplesOf(frame.playsAtMs - fromMs, this.#rateHz);
      const kept = Math.min(length, out.length - from);
      if (kept > 0) out.set(frame.samples.subarray(0, kept), from);
    }
    return out;
  }
}
