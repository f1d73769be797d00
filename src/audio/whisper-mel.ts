import { createStft } from './stft.js';

/*
 * The log-mel features of Whisper (Radford et al., 2022): 16 kHz, frames of 400 samples every 160, periodic Hann,
 * power spectrum, 80 mel bands from 0 to 8 kHz on Slaney's scale with area normalisation (Slaney, Auditory Toolbox,
 * 1998; the filters that librosa calls norm='slaney').
 */

/** Rate that the samples must have, bands per frame, and samples from one frame to the next. */
export const whisperMel = { rateHz: 16_000, bands: 80, sizeSamples: 400, hopSamples: 160 } as const;

/** Slaney's mel scale: linear below 1 kHz (3 mel per 200 Hz), above it 27 steps for a factor of 6.4. */
const linearHzPerMel = 200 / 3;
const logStartHz = 1_000;
const logStartMel = logStartHz / linearHzPerMel;
const logStep = Math.log(6.4) / 27;

function melOf(hz: number): number {
  return hz < logStartHz ? hz / linearHzPerMel : logStartMel + Math.log(hz / logStartHz) / logStep;
}

function hzOf(mel: number): number {
  return mel < logStartMel ? mel * linearHzPerMel : logStartHz * Math.exp(logStep * (mel - logStartMel));
}

/** Triangular filters, sparse: band b weighs the bins from first[b] on with weights[start[b]] to weights[start[b + 1] - 1]. */
type MelFilters = { readonly first: Uint16Array; readonly start: Uint16Array; readonly weights: Float64Array };

function melFilters(): MelFilters {
  const { bands, rateHz, sizeSamples } = whisperMel;
  const top = melOf(rateHz / 2);
  const edges = Array.from({ length: bands + 2 }, (_, i) => hzOf((top * i) / (bands + 1)));
  const first = new Uint16Array(bands);
  const start = new Uint16Array(bands + 1);
  const weights: number[] = [];
  for (let band = 0; band < bands; band++) {
    const [low, centre, high] = edges.slice(band, band + 3) as [number, number, number];
    let seen = false;
    for (let bin = 0; bin <= sizeSamples / 2; bin++) {
      const hz = (bin * rateHz) / sizeSamples;
      const height = Math.min((hz - low) / (centre - low), (high - hz) / (high - centre));
      if (height <= 0) continue;
      if (!seen) first[band] = bin;
      seen = true;
      weights.push((height * 2) / (high - low));
    }
    start[band + 1] = weights.length;
  }
  return { first, start, weights: Float64Array.from(weights) };
}

const stft = createStft(whisperMel);
const filters = melFilters();
const re = new Float32Array(stft.bins);
const im = new Float32Array(stft.bins);
const power = new Float64Array(stft.bins);

/**
 * Whisper's log-mel features of 16 kHz samples: floor(length / 160) frames, as one array of 80 rows (bands) by frames,
 * row after row. The signal is mirrored at its ends. Values are log10 of the power, limited to 8 below the largest of
 * the whole array, then (x + 4) / 4: about -1..1.5 for speech.
 */
export function whisperLogMel(samples: Float32Array): Float32Array {
  const { bands, hopSamples } = whisperMel;
  const { first, start, weights } = filters;
  const frames = Math.floor(samples.length / hopSamples);
  const mel = new Float32Array(bands * frames);
  let largest = Number.NEGATIVE_INFINITY;
  for (let f = 0; f < frames; f++) {
    stft.forwardFrame(samples, f * hopSamples, re, im);
    for (let k = 0; k < power.length; k++) power[k] = (re[k] as number) ** 2 + (im[k] as number) ** 2;
    for (let band = 0; band < bands; band++) {
      const from = start[band] as number;
      const to = start[band + 1] as number;
      const shift = (first[band] as number) - from;
      let sum = 0;
      for (let i = from; i < to; i++) sum += (weights[i] as number) * (power[i + shift] as number);
      const value = Math.log10(Math.max(sum, 1e-10));
      if (value > largest) largest = value;
      mel[band * frames + f] = value;
    }
  }
  const floor = largest - 8;
  for (let i = 0; i < mel.length; i++) mel[i] = (Math.max(mel[i] as number, floor) + 4) / 4;
  return mel;
}
