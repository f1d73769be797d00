import { durationMs } from '../../src/audio/frame.js';
import { audibleFromMs } from '../../src/cli/call/audibility.js';

const hopMs = 10;

/** What came over a socket to be played as it comes, on the clock of whoever plays it. */
export class HeardAudio {
  readonly #rateHz: number;
  readonly #parts: { readonly samples: Float32Array; readonly playedAtMs: number }[] = [];
  #playheadMs = Number.NEGATIVE_INFINITY;
  #longestGapMs = 0;
  #lengthMs = 0;

  /** @param rateHz that of `audibleFromMs`, 24 kHz */
  constructor(rateHz: number) {
    this.#rateHz = rateHz;
  }

  /** Audio that came at `atMs`: it plays behind what came before, or at once when that is over. */
  add(samples: Float32Array, atMs: number): void {
    if (samples.length === 0) return;
    if (this.#parts.length > 0) this.#longestGapMs = Math.max(this.#longestGapMs, atMs - this.#playheadMs);
    const playedAtMs = Math.max(atMs, this.#playheadMs);
    const lengthMs = durationMs(samples.length, this.#rateHz);
    this.#playheadMs = playedAtMs + lengthMs;
    this.#lengthMs += lengthMs;
    this.#parts.push({ samples, playedAtMs });
  }

  /** When the first 10 ms begin that can be heard, behind `fromMs`; undefined when there are none. */
  audibleMs(fromMs = Number.NEGATIVE_INFINITY): number | undefined {
    const all = new Float32Array(this.#parts.reduce((sum, { samples }) => sum + samples.length, 0));
    const starts: { readonly atSample: number; readonly playedAtMs: number }[] = [];
    let length = 0;
    for (const { samples, playedAtMs } of this.#parts) {
      if (playedAtMs + durationMs(samples.length, this.#rateHz) <= fromMs) continue;
      starts.push({ atSample: length, playedAtMs });
      all.set(samples, length);
      length += samples.length;
    }
    const offsetMs = audibleFromMs(all.subarray(0, length));
    if (offsetMs === null) return undefined;
    // The whole hop has to be there for it to be heard.
    const samples = ((offsetMs + hopMs) / 1_000) * this.#rateHz;
    const part = starts.findLast(({ atSample }) => atSample < samples);
    return part && part.playedAtMs + durationMs(samples - part.atSample, this.#rateHz) - hopMs;
  }

  get lengthMs(): number {
    return this.#lengthMs;
  }

  /** When all of it has been played. */
  get overMs(): number {
    return this.#playheadMs;
  }

  /** The longest silence within, because what followed had not come. */
  get longestGapMs(): number {
    return Math.max(0, this.#longestGapMs);
  }
}
