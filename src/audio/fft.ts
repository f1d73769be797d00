import { ParleyError } from './error.js';
import { butterflyOf, stagesOf } from './fft-stages.js';

/**
 * A prepared real Fourier transform of one size. It owns its scratch memory, so that a transform allocates nothing;
 * one plan serves one thread at a time.
 */
export type Fft = {
  readonly size: number;
  /** size / 2 + 1: from 0 Hz to half the sample rate, both included. */
  readonly bins: number;
  /**
   * X[k] = sum over n of input[n] e^(-2 pi i k n / size), unscaled, for the first `size` values of `input`.
   * Writes `bins` values to `re` and `im` from `binsOffset` on.
   */
  forward(input: Float32Array, re: Float32Array, im: Float32Array, binsOffset?: number): void;
  /**
   * The exact inverse, 1 / size included: writes `size` values to `output`. Reads `bins` values from `binsOffset` on;
   * the imaginary parts of the first and the last do not exist in the spectrum of a real signal and are ignored.
   */
  inverse(re: Float32Array, im: Float32Array, output: Float32Array, binsOffset?: number): void;
};

/** Largest size of a plan. */
const maxFftSize = 2 ** 20;

/**
 * Prepares a real transform of an even size whose half has no prime factors but 2, 3 and 5: 400, 512, 1200 and so on.
 * The real signal is folded into a complex one of half the size, which runs through Stockham stages (self-sorting,
 * decimation in frequency) in double precision.
 *
 * @throws ParleyError `fft.size` for other sizes.
 */
export function createFft(size: number): Fft {
  const half = size / 2;
  const isPossible = Number.isInteger(half) && half >= 1 && size <= maxFftSize;
  const stages = isPossible ? stagesOf(half) : [];
  if (!isPossible || (half > 1 && stages.length === 0)) {
    throw new ParleyError(
      `No transform of size ${size}: expected an even size up to ${maxFftSize} whose half is a product of 2, 3 and 5.`,
      { code: 'fft.size' },
    );
  }
  const steps = stages.map((stage) => ({ stage, butterfly: butterflyOf(stage) }));
  const aRe = new Float64Array(half);
  const aIm = new Float64Array(half);
  const bRe = new Float64Array(half);
  const bIm = new Float64Array(half);
  /** Where the result of `transform` is: the two buffers swap at each stage. */
  const outRe = steps.length % 2 === 0 ? aRe : bRe;
  const outIm = steps.length % 2 === 0 ? aIm : bIm;
  /** e^(-2 pi i k / size) */
  const cosine = Float64Array.from({ length: half + 1 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sine = Float64Array.from({ length: half + 1 }, (_, k) => -Math.sin((2 * Math.PI * k) / size));

  const transform = (): void => {
    for (let i = 0; i < steps.length; i++) {
      const { stage, butterfly } = steps[i] as (typeof steps)[number];
      if (i % 2 === 0) butterfly(stage, aRe, aIm, bRe, bIm);
      else butterfly(stage, bRe, bIm, aRe, aIm);
    }
  };

  return {
    size,
    bins: half + 1,
    forward(input, re, im, binsOffset = 0) {
      for (let i = 0; i < half; i++) {
        aRe[i] = input[2 * i] as number;
        aIm[i] = input[2 * i + 1] as number;
      }
      transform();
      const zeroRe = outRe[0] as number;
      const zeroIm = outIm[0] as number;
      re[binsOffset] = zeroRe + zeroIm;
      im[binsOffset] = 0;
      re[binsOffset + half] = zeroRe - zeroIm;
      im[binsOffset + half] = 0;
      for (let k = 1, m = half - 1; k <= m; k++, m--) {
        const kRe = outRe[k] as number;
        const kIm = outIm[k] as number;
        const mRe = outRe[m] as number;
        const mIm = outIm[m] as number;
        // Spectra of the even and the odd samples.
        const evenRe = 0.5 * (kRe + mRe);
        const evenIm = 0.5 * (kIm - mIm);
        const oddRe = 0.5 * (kIm + mIm);
        const oddIm = 0.5 * (mRe - kRe);
        const c = cosine[k] as number;
        const s = sine[k] as number;
        const turnRe = oddRe * c - oddIm * s;
        const turnIm = oddRe * s + oddIm * c;
        re[binsOffset + k] = evenRe + turnRe;
        im[binsOffset + k] = evenIm + turnIm;
        re[binsOffset + m] = evenRe - turnRe;
        im[binsOffset + m] = turnIm - evenIm;
      }
    },
    inverse(re, im, output, binsOffset = 0) {
      const first = re[binsOffset] as number;
      const last = re[binsOffset + half] as number;
      // Real and imaginary parts are exchanged on the way in and out: that turns the forward transform around.
      aIm[0] = 0.5 * (first + last);
      aRe[0] = 0.5 * (first - last);
      for (let k = 1, m = half - 1; k <= m; k++, m--) {
        const kRe = re[binsOffset + k] as number;
        const kIm = im[binsOffset + k] as number;
        const mRe = re[binsOffset + m] as number;
        const mIm = im[binsOffset + m] as number;
        const evenRe = 0.5 * (kRe + mRe);
        const evenIm = 0.5 * (kIm - mIm);
        const turnRe = 0.5 * (kRe - mRe);
        const turnIm = 0.5 * (kIm + mIm);
        const c = cosine[k] as number;
        const s = sine[k] as number;
        const oddRe = turnRe * c + turnIm * s;
        const oddIm = turnIm * c - turnRe * s;
        aIm[k] = evenRe - oddIm;
        aRe[k] = evenIm + oddRe;
        aIm[m] = evenRe + oddIm;
        aRe[m] = oddRe - evenIm;
      }
      transform();
      const scale = 1 / half;
      for (let i = 0; i < half; i++) {
        output[2 * i] = (outIm[i] as number) * scale;
        output[2 * i + 1] = (outRe[i] as number) * scale;
      }
    },
  };
}
