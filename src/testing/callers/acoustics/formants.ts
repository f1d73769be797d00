import { createFft } from '../../../audio/fft.js';

const frame = 512;
const hop = 128;
/** Of the cepstrum at 16 kHz: what is below 2 ms is the throat's, what is above is the cords' (pitch below 500 Hz). */
const throatQuefrencies = 32;
/** Nothing is raised or lowered by more than this factor: what lies between formants holds little but noise. */
const most = 8;

/**
 * Moves the resonances of the throat to `ratio` times their frequencies and leaves pitch and pace alone: each spectrum is
 * weighted with its own smooth envelope (its cepstrum below 2 ms), stretched, over the same as it was.
 *
 * @param samples 16 kHz
 */
export function shiftFormants(samples: Float32Array, ratio: number): Float32Array {
  if (ratio === 1) return samples.slice();
  const fft = createFft(frame);
  const window = Float32Array.from({ length: frame }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / frame));
  const re = new Float32Array(fft.bins);
  const im = new Float32Array(fft.bins);
  const part = new Float32Array(frame);
  const made = new Float32Array(samples.length + 2 * frame);
  const weight = new Float32Array(made.length);
  for (let at = -frame; at < samples.length; at += hop) {
    for (let i = 0; i < frame; i++) part[i] = (samples[at + i] ?? 0) * (window[i] as number);
    fft.forward(part, re, im);
    const envelope = logEnvelope(re, im, fft);
    for (let bin = 0; bin < fft.bins; bin++) {
      const gain = Math.exp(valueAt(envelope, bin / ratio) - (envelope[bin] as number));
      const limited = Math.max(1 / most, Math.min(most, gain));
      re[bin] = (re[bin] as number) * limited;
      im[bin] = (im[bin] as number) * limited;
    }
    fft.inverse(re, im, part);
    for (let i = 0; i < frame; i++) {
      const to = at + frame + i;
      made[to] = (made[to] as number) + (part[i] as number) * (window[i] as number);
      weight[to] = (weight[to] as number) + (window[i] as number) ** 2;
    }
  }
  return Float32Array.from(samples, (_, i) => (made[i + frame] as number) / Math.max(0.1, weight[i + frame] as number));
}

type Fft = ReturnType<typeof createFft>;

function logEnvelope(re: Float32Array, im: Float32Array, fft: Fft): Float32Array {
  const log = re.map((value, bin) => Math.log(Math.hypot(value, im[bin] as number) + 1e-7));
  const cepstrum = new Float32Array(frame);
  fft.inverse(log, new Float32Array(fft.bins), cepstrum);
  cepstrum.fill(0, throatQuefrencies, frame - throatQuefrencies + 1);
  const envelope = new Float32Array(fft.bins);
  fft.forward(cepstrum, envelope, new Float32Array(fft.bins));
  return envelope;
}

function valueAt(values: Float32Array, position: number): number {
  const last = values.length - 1;
  const low = Math.min(last, Math.floor(position));
  const from = values[low] as number;
  return from + ((values[Math.min(last, low + 1)] as number) - from) * Math.min(1, position - low);
}
