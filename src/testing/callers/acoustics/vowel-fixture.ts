import { createFft } from '../../../audio/fft.js';

/** A vowel: pulses at `pitchHz` through a resonance at `formantHz`. */
export function vowel(pitchHz: number, formantHz: number): Float32Array {
  const samples = new Float32Array(32_000);
  const radius = Math.exp((-Math.PI * 100) / 16_000);
  const turn = 2 * radius * Math.cos((2 * Math.PI * formantHz) / 16_000);
  let last = 0;
  let before = 0;
  let pulseAt = 0;
  for (let i = 0; i < samples.length; i++) {
    let pulse = 0;
    if (i >= pulseAt) {
      pulse = 0.05;
      pulseAt += 16_000 / pitchHz;
    }
    const value = pulse + turn * last - radius * radius * before;
    before = last;
    last = value;
    samples[i] = value;
  }
  return samples;
}

/** Power at each frequency, of the middle of a sound. */
function spectrum(samples: Float32Array): (fromHz: number, toHz: number) => number {
  const size = 8_192;
  const fft = createFft(size);
  const re = new Float32Array(fft.bins);
  const im = new Float32Array(fft.bins);
  const middle = samples.slice((samples.length - size) >> 1);
  fft.forward(
    middle.map((sample, i) => sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size))),
    re,
    im,
  );
  return (fromHz, toHz) => {
    let power = 0;
    for (let k = Math.round((fromHz * size) / 16_000); k < (toHz * size) / 16_000; k++)
      power += (re[k] as number) ** 2 + (im[k] as number) ** 2;
    return 10 * Math.log10(power);
  };
}

/** Where the power below 3 kHz has its middle. */
export function centreHz(samples: Float32Array): number {
  const power = spectrum(samples);
  let sum = 0;
  let weighted = 0;
  for (let hz = 100; hz < 3_000; hz += 20) {
    const linear = 10 ** (power(hz, hz + 20) / 10);
    sum += linear;
    weighted += linear * (hz + 10);
  }
  return weighted / sum;
}

/** How much stronger multiples of a pitch are than what lies between them. */
export function harmonicityDb(samples: Float32Array, pitchHz: number): number {
  const power = spectrum(samples);
  return power(pitchHz * 3 - 10, pitchHz * 3 + 10) - power(pitchHz * 3.5 - 10, pitchHz * 3.5 + 10);
}
