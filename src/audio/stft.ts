import { ParleyError } from './error.js';
import { createFft } from './fft.js';

/** Complex short-time spectra. Bin k of frame f is at f * bins + k in both arrays. */
export type Spectrogram = {
  readonly re: Float32Array;
  readonly im: Float32Array;
  readonly frames: number;
  readonly bins: number;
};

/**
 * A prepared short-time Fourier transform with a periodic Hann window. Frame f is centred on sample f * hopSamples;
 * what it needs beyond the ends of the signal is mirrored there (the convention of torch.stft and librosa.stft with
 * `center`). The plan owns its scratch memory and serves one thread at a time.
 */
export type Stft = {
  readonly sizeSamples: number;
  readonly hopSamples: number;
  readonly bins: number;
  /** Spectrum of the frame centred on sample `centre`, written to `re` and `im` from `binsOffset` on. */
  forwardFrame(samples: Float32Array, centre: number, re: Float32Array, im: Float32Array, binsOffset?: number): void;
  /**
   * Adds the windowed inverse of one frame to `output` around sample `centre`; what falls outside is dropped. The sum
   * over all frames still has to be divided by the sum of their squared windows: see `overlapGain`.
   */
  inverseFrame(re: Float32Array, im: Float32Array, binsOffset: number, output: Float32Array, centre: number): void;
  /** Sum of the squared windows that cover a sample away from the ends, averaged over one hop. */
  readonly overlapGain: number;
  /** Spectra of the first `frames` frames, by default all floor(length / hopSamples) + 1. */
  forward(samples: Float32Array, frames?: number): Spectrogram;
  /** Signal of `lengthSamples`, by default (frames - 1) * hopSamples, weighted as torch.istft does. */
  inverse(spectrogram: Spectrogram, lengthSamples?: number): Float32Array;
};

/** Periodic Hann window: 0.5 - 0.5 cos(2 pi n / size). */
export function hannWindow(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size));
}

/** Index inside a signal of `length` that `index` falls on when the signal is mirrored at its first and last sample. */
function mirroredIndex(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const phase = ((index % period) + period) % period;
  return phase < length ? phase : period - phase;
}

/**
 * Prepares a transform of frames of `sizeSamples` every `hopSamples`.
 *
 * @throws ParleyError `fft.size` for a size that `createFft` does not take, `stft.hop` for a hop that is not a whole
 * number from 1 to the size.
 */
export function createStft(options: { readonly sizeSamples: number; readonly hopSamples: number }): Stft {
  const { sizeSamples, hopSamples } = options;
  const fft = createFft(sizeSamples);
  if (!Number.isInteger(hopSamples) || hopSamples < 1 || hopSamples > sizeSamples) {
    throw new ParleyError(
      `No transform with a hop of ${hopSamples}: expected a whole number from 1 to ${sizeSamples}.`,
      {
        code: 'stft.hop',
      },
    );
  }
  const { bins } = fft;
  const half = sizeSamples / 2;
  const window = hannWindow(sizeSamples);
  const frame = new Float32Array(sizeSamples);
  const overlapGain = window.reduce((sum, value) => sum + value * value, 0) / hopSamples;

  const forwardFrame: Stft['forwardFrame'] = (samples, centre, re, im, binsOffset = 0) => {
    const start = centre - half;
    if (samples.length === 0) {
      frame.fill(0);
    } else if (start >= 0 && start + sizeSamples <= samples.length) {
      for (let i = 0; i < sizeSamples; i++) frame[i] = (samples[start + i] as number) * (window[i] as number);
    } else {
      for (let i = 0; i < sizeSamples; i++) {
        frame[i] = (samples[mirroredIndex(start + i, samples.length)] as number) * (window[i] as number);
      }
    }
    fft.forward(frame, re, im, binsOffset);
  };

  const inverseFrame: Stft['inverseFrame'] = (re, im, binsOffset, output, centre) => {
    fft.inverse(re, im, frame, binsOffset);
    const start = centre - half;
    const end = Math.min(sizeSamples, output.length - start);
    for (let i = Math.max(0, -start); i < end; i++) {
      output[start + i] = (output[start + i] as number) + (frame[i] as number) * (window[i] as number);
    }
  };

  return {
    sizeSamples,
    hopSamples,
    bins,
    overlapGain,
    forwardFrame,
    inverseFrame,
    forward(samples, frames = Math.floor(samples.length / hopSamples) + 1) {
      const re = new Float32Array(frames * bins);
      const im = new Float32Array(frames * bins);
      for (let f = 0; f < frames; f++) forwardFrame(samples, f * hopSamples, re, im, f * bins);
      return { re, im, frames, bins };
    },
    inverse({ re, im, frames }, lengthSamples = Math.max(0, frames - 1) * hopSamples) {
      const output = new Float32Array(lengthSamples);
      const weights = new Float32Array(lengthSamples);
      for (let f = 0; f < frames; f++) {
        inverseFrame(re, im, f * bins, output, f * hopSamples);
        const start = f * hopSamples - half;
        const end = Math.min(sizeSamples, lengthSamples - start);
        for (let i = Math.max(0, -start); i < end; i++) {
          weights[start + i] = (weights[start + i] as number) + (window[i] as number) ** 2;
        }
      }
      for (let i = 0; i < lengthSamples; i++) {
        const weight = weights[i] as number;
        // Where no window reaches there is nothing to recover, and dividing would only blow up rounding errors.
        output[i] = weight > 1e-8 ? (output[i] as number) / weight : 0;
      }
      return output;
    },
  };
}
