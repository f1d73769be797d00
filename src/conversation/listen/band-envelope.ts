import { createFft, type Fft } from '../../audio/fft.js';
import { samplesOf } from '../../audio/frame.js';
import { silenceDb } from '../../audio/loudness.js';

/** One value per band in this step. */
export const hopMs = 10;
/** Each value looks at this much audio. */
const windowMs = 20;
/** Edges of the bands: what a telephone carries, narrower where voices have most of their energy. */
const edgesHz = [200, 400, 600, 850, 1_150, 1_550, 2_100, 2_800, 3_700] as const;

export const bandCount = edgesHz.length - 1;

/** Short-time levels of a continuous signal in {@link bandCount} bands, in dB of full scale, one set per {@link hopMs}. */
export class BandEnvelope {
  readonly #fft: Fft;
  readonly #hop: number;
  readonly #taper: Float32Array;
  readonly #firstBin: readonly number[];
  readonly #scale: number;
  readonly #window: Float32Array;
  readonly #windowed: Float32Array;
  readonly #re: Float32Array;
  readonly #im: Float32Array;
  #waiting = 0;

  constructor(rateHz: number) {
    const length = samplesOf(windowMs, rateHz);
    this.#hop = samplesOf(hopMs, rateHz);
    this.#fft = createFft(2 ** Math.ceil(Math.log2(length)));
    this.#taper = Float32Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length));
    this.#firstBin = edgesHz.map((hz) => Math.min(this.#fft.bins, Math.round((hz * this.#fft.size) / rateHz)));
    // One-sided power of the tapered window, so that levels do not depend on the rate.
    this.#scale = 2 / (this.#fft.size * this.#taper.reduce((sum, w) => sum + w * w, 0));
    this.#window = new Float32Array(length);
    this.#windowed = new Float32Array(this.#fft.size);
    this.#re = new Float32Array(this.#fft.bins);
    this.#im = new Float32Array(this.#fft.bins);
  }

  /**
   * Takes the next samples; `onHop` is given an array of its own for each hop that they complete, and how many of the
   * samples that took.
   */
  push(samples: Float32Array, onHop: (levelsDb: Float32Array, endSamples: number) => void): void {
    for (let at = 0; at < samples.length; ) {
      const taken = Math.min(this.#hop - this.#waiting, samples.length - at);
      const from = this.#window.length - this.#hop + this.#waiting;
      // Two hundred views a second of call would be garbage.
      for (let i = 0; i < taken; i++) this.#window[from + i] = samples[at + i] as number;
      at += taken;
      this.#waiting += taken;
      if (this.#waiting < this.#hop) return;
      onHop(this.#levels(), at);
      this.#window.copyWithin(0, this.#hop);
      this.#waiting = 0;
    }
  }

  #levels(): Float32Array {
    for (let i = 0; i < this.#window.length; i++)
      this.#windowed[i] = (this.#window[i] as number) * (this.#taper[i] as number);
    this.#fft.forward(this.#windowed, this.#re, this.#im);
    const levels = new Float32Array(bandCount);
    for (let band = 0; band < bandCount; band++) {
      let power = 0;
      for (let bin = this.#firstBin[band] as number; bin < (this.#firstBin[band + 1] as number); bin++)
        power += (this.#re[bin] as number) ** 2 + (this.#im[bin] as number) ** 2;
      levels[band] = Math.max(silenceDb, 10 * Math.log10(power * this.#scale + 1e-12));
    }
    return levels;
  }
}

/** The level of all bands together. */
export function totalDb(levelsDb: Float32Array): number {
  let power = 0;
  for (const levelDb of levelsDb) power += 10 ** (levelDb / 10);
  return 10 * Math.log10(power);
}
