import { concatSamples, samplesOf } from '../../audio/frame.js';
import { applyGainRamp } from '../../audio/loudness.js';

/** A change of level takes this long: short enough to be at once, long enough not to click. */
const rampMs = 5;

/** The gain of what is sent. It moves within the first samples of a frame; a fade to nothing is at the frame's end. */
export class OutputGain {
  target = 1;
  readonly #rampSamples: number;
  #gain = 1;

  constructor(rateHz: number) {
    this.#rampSamples = samplesOf(rampMs, rateHz);
  }

  /** Full level from the next sample on. */
  reset(): void {
    this.#gain = this.target = 1;
  }

  apply(samples: Float32Array): Float32Array {
    const [from, to] = [this.#gain, this.target];
    this.#gain = to;
    const ramped = Math.min(this.#rampSamples, samples.length);
    const split = to === 0 ? samples.length - ramped : ramped;
    const [first, second] = [samples.subarray(0, split), samples.subarray(split)];
    return concatSamples(
      to === 0
        ? [applyGainRamp(first, from, from), applyGainRamp(second, from, 0)]
        : [applyGainRamp(first, from, to), applyGainRamp(second, to, to)],
    );
  }
}
