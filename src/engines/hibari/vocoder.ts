import { RealFft1200, SPECTRUM_BINS } from './fft1200.js';
import { NoisePool } from './noise.js';
import { HOP, pulseTrain } from './pulses.js';
import { type ComplexCell, clippedExp, unitAt, unitAtTanh } from './spectral-tables.js';

const WINDOW_SIZE = 1200;
const HOPS_PER_WINDOW = WINDOW_SIZE / HOP;

/** Periodic Hann window. */
const WINDOW = Float64Array.from({ length: WINDOW_SIZE }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / WINDOW_SIZE));

/** A unit cosine peaks at half the window's sum; divided by that, exp(lh) is the harmonic's own magnitude. */
const SOURCE_WINDOW = WINDOW.map((w) => w / (WINDOW_SIZE / 4));

/** Sum of the squared windows that overlap on one sample, away from the ends. */
const OVERLAP_POWER = 1.5;

/**
 * What the network predicts for F frames of 12.5 ms. Matrices are [601, F], bin-major; magnitudes are natural logarithms.
 */
export type VoiceSpectrum = {
  readonly frames: number;
  /** Log magnitude of the harmonic part. Meaningful at the harmonics only. */
  readonly lh: Float32Array;
  /** Phase of the harmonic part: π·tanh(theta) radians. */
  readonly theta: Float32Array;
  /** Log magnitude of the Gaussian noise. */
  readonly ln: Float32Array;
  /** Log magnitude of the free-phase part. */
  readonly lr: Float32Array;
  /** Phase of the free-phase part in radians. */
  readonly phi: Float32Array;
  /** Pitch in Hz, [F]; below 40 means unvoiced. */
  readonly f0: Float32Array;
};

/**
 * Turns the network's spectrum into 24 kHz samples:
 * S = exp(lh)·e^{iπ·tanh(theta)}·STFT(pulses(f0)) + exp(ln)·Z + exp(lr)·e^{i·phi}, then the inverse short-time transform
 * (Hann 1200, hop 300, centred). Formula: hibari (Apache-2.0).
 *
 * One instance owns its scratch memory: one call at a time.
 */
export class Vocoder {
  private readonly fft = new RealFft1200();
  private readonly noise = new NoisePool();
  private readonly frame = new Float64Array(WINDOW_SIZE);
  private readonly spectrum = new Float64Array(SPECTRUM_BINS * 2);

  /**
   * @param voice network output for F frames
   * @param seed makes the noise, and so the samples, repeatable
   * @returns 300·F samples
   */
  render(voice: VoiceSpectrum, seed: number): Float32Array {
    const { frames } = voice;
    const samples = new Float32Array(frames * HOP);
    if (frames === 0) return samples;
    this.noise.reseed(seed);
    const source = pulseTrain(voice.f0);
    for (let f = 0; f < frames; f++) {
      const start = f * HOP - WINDOW_SIZE / 2;
      const voiced = this.readSource(source, start);
      if (voiced) this.fft.forward(this.frame, this.spectrum);
      this.shape(voice, f, voiced);
      this.fft.inverse(this.spectrum, this.frame);
      this.overlapAdd(samples, start);
    }
    correctEnds(samples, frames);
    return samples;
  }

  /** Windows the excitation around one frame, mirrored at the ends. False when there is none. */
  private readSource(source: Float64Array, start: number): boolean {
    const frame = this.frame;
    const last = source.length - 1;
    let any = false;
    for (let n = 0; n < WINDOW_SIZE; n++) {
      let at = start + n;
      if (at < 0) at = -at;
      if (at > last) at = 2 * last - at;
      const x = at >= 0 && at <= last ? (source[at] as number) : 0;
      if (x !== 0) any = true;
      frame[n] = x * (SOURCE_WINDOW[n] as number);
    }
    return any;
  }

  private shape(voice: VoiceSpectrum, f: number, voiced: boolean): void {
    const { lh, theta, ln, lr, phi, frames } = voice;
    const spectrum = this.spectrum;
    const noise = this.noise.values;
    const cell: ComplexCell = { re: 0, im: 0 };
    let z = this.noise.place();
    let at = f;
    for (let k = 0; k < 2 * SPECTRUM_BINS; k += 2, at += frames, z += 2) {
      const hiss = clippedExp(ln[at] as number);
      const free = clippedExp(lr[at] as number);
      unitAt(phi[at] as number, cell);
      let re = hiss * (noise[z] as number) + free * cell.re;
      let im = hiss * (noise[z + 1] as number) + free * cell.im;
      if (voiced) {
        const gain = clippedExp(lh[at] as number);
        unitAtTanh(theta[at] as number, cell);
        const er = spectrum[k] as number;
        const ei = spectrum[k + 1] as number;
        re += gain * (er * cell.re - ei * cell.im);
        im += gain * (er * cell.im + ei * cell.re);
      }
      spectrum[k] = re;
      spectrum[k + 1] = im;
    }
  }

  private overlapAdd(samples: Float32Array, start: number): void {
    const frame = this.frame;
    const from = start < 0 ? -start : 0;
    const to = Math.min(WINDOW_SIZE, samples.length - start);
    const scale = 1 / OVERLAP_POWER;
    for (let n = from; n < to; n++) {
      samples[start + n] = (samples[start + n] as number) + scale * (WINDOW[n] as number) * (frame[n] as number);
    }
  }
}

/** Near both ends fewer windows overlap than {@link OVERLAP_POWER} assumes. */
function correctEnds(samples: Float32Array, frames: number): void {
  const reach = WINDOW_SIZE / 2 + HOP;
  for (let n = 0; n < samples.length; n++) {
    if (n >= reach && n < samples.length - reach) {
      n = samples.length - reach - 1;
      continue;
    }
    let power = 0;
    const first = Math.ceil((n + WINDOW_SIZE / 2 - WINDOW_SIZE + 1) / HOP);
    for (let f = Math.max(0, first); f < Math.min(frames, first + HOPS_PER_WINDOW); f++) {
      const w = WINDOW[n - f * HOP + WINDOW_SIZE / 2] ?? 0;
      power += w * w;
    }
    samples[n] = ((samples[n] as number) * OVERLAP_POWER) / Math.max(power, 1e-11);
  }
}
