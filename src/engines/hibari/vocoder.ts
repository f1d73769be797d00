import { createStft, hannWindow } from '../../audio/stft.js';
import { NoisePool } from './noise.js';
import { HOP, type PulseTrain, pulseTrain } from './pulses.js';
import { type ComplexCell, clippedExp, unitAt, unitAtTanh } from './spectral-tables.js';

const WINDOW_SAMPLES = 1200;
/** From 0 Hz to 12 kHz in steps of 20 Hz. */
export const SPECTRUM_BINS = WINDOW_SAMPLES / 2 + 1;
/** A cosine of amplitude one peaks at half the window's sum, 300; with this, exp(lh) is the height of a harmonic's peak. */
const SOURCE_SCALE = 1 / (WINDOW_SAMPLES / 4);

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
  private readonly stft = createStft({ sizeSamples: WINDOW_SAMPLES, hopSamples: HOP });
  private readonly windowPower = hannWindow(WINDOW_SAMPLES).map((w) => w * w);
  private readonly noise = new NoisePool();
  private readonly re = new Float32Array(SPECTRUM_BINS);
  private readonly im = new Float32Array(SPECTRUM_BINS);

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
    for (let frame = 0; frame < frames; frame++) {
      const voiced = isVoiced(source, frame);
      if (voiced) this.stft.forwardFrame(source.samples, frame * HOP, this.re, this.im);
      this.shape(voice, frame, voiced);
      this.stft.inverseFrame(this.re, this.im, 0, samples, frame * HOP);
    }
    this.weigh(samples, frames);
    return samples;
  }

  /** Replaces the source's spectrum by the voice's. */
  private shape(voice: VoiceSpectrum, frame: number, voiced: boolean): void {
    const { lh, theta, ln, lr, phi, frames } = voice;
    const { re, im } = this;
    const noise = this.noise.values;
    const cell: ComplexCell = { re: 0, im: 0 };
    let z = this.noise.place();
    let at = frame;
    for (let k = 0; k < SPECTRUM_BINS; k++, at += frames, z += 2) {
      const hiss = clippedExp(ln[at] as number);
      const free = clippedExp(lr[at] as number);
      unitAt(phi[at] as number, cell);
      let sumRe = hiss * (noise[z] as number) + free * cell.re;
      let sumIm = hiss * (noise[z + 1] as number) + free * cell.im;
      if (voiced) {
        const gain = clippedExp(lh[at] as number) * SOURCE_SCALE;
        unitAtTanh(theta[at] as number, cell);
        const sourceRe = re[k] as number;
        const sourceIm = im[k] as number;
        sumRe += gain * (sourceRe * cell.re - sourceIm * cell.im);
        sumIm += gain * (sourceRe * cell.im + sourceIm * cell.re);
      }
      re[k] = sumRe;
      im[k] = sumIm;
    }
  }

  /** Divides by the power of the windows that overlap on each sample: constant inside, less near both ends. */
  private weigh(samples: Float32Array, frames: number): void {
    const inside = 1 / this.stft.overlapGain;
    const reach = WINDOW_SAMPLES / 2 + HOP;
    const last = samples.length - 1;
    for (let n = 0; n <= last; n++) {
      const scale = n < reach || n > last - reach ? 1 / Math.max(this.powerAt(n, frames), 1e-11) : inside;
      samples[n] = (samples[n] as number) * scale;
    }
  }

  private powerAt(n: number, frames: number): number {
    const half = WINDOW_SAMPLES / 2;
    let power = 0;
    const first = Math.max(0, Math.ceil((n - half + 1) / HOP));
    for (let frame = first; frame < frames && frame * HOP - half <= n; frame++) {
      power += this.windowPower[n - frame * HOP + half] ?? 0;
    }
    return power;
  }
}

/** Whether the window around a frame holds any excitation: it reaches two frames back and two ahead. */
function isVoiced({ voiced }: PulseTrain, frame: number): boolean {
  for (let near = frame - 2; near < frame + 2; near++) if (voiced[near] === 1) return true;
  return false;
}
