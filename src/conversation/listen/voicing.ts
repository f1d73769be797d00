import { samplesOf } from '../../audio/frame.js';

const rateHz = 16_000;
/** Voices, from a low man's to a child's. */
const lowestHz = 80;
const highestHz = 400;
const comparedSamples = samplesOf(30, rateHz);
const longestLag = Math.round(rateHz / lowestHz);
const shortestLag = Math.round(rateHz / highestHz);

/** Of the periods that fit about as well as the best, the shortest is meant: twice a period fits too. */
const fitsAsWell = 0.9;

export type Voicing = {
  /** 0..1; ordinary vowels are above 0.7, noise is below 0.4. */
  readonly voicing: number;
  /** Of the voice, if it is one. */
  readonly pitchHz: number;
};

/**
 * How periodic the end of a stretch of audio is, as voices are and coughs, knocks and hissing are not: the largest
 * normalised autocorrelation over the periods of human voices; and that period.
 *
 * @param samples 16 kHz, at least {@link voicingSamples} of them; only the last ones are looked at
 */
export function voicingOf(samples: Float32Array): Voicing {
  const from = samples.length - comparedSamples;
  if (from < longestLag) return { voicing: 0, pitchHz: 0 };
  let power = 0;
  for (let i = from; i < samples.length; i++) power += (samples[i] as number) ** 2;
  if (power === 0) return { voicing: 0, pitchHz: 0 };
  let earlier = 0;
  for (let i = from - shortestLag; i < samples.length - shortestLag; i++) earlier += (samples[i] as number) ** 2;
  const fits: number[] = [];
  for (let lag = shortestLag; lag <= longestLag; lag++) {
    let product = 0;
    for (let i = from; i < samples.length; i++) product += (samples[i] as number) * (samples[i - lag] as number);
    fits.push(product / Math.sqrt(power * earlier + 1e-12));
    earlier += (samples[from - lag - 1] ?? 0) ** 2 - (samples[samples.length - lag - 1] as number) ** 2;
  }
  const strongest = Math.max(0, ...fits);
  const period = shortestLag + firstPeak(fits, fitsAsWell * strongest);
  return { voicing: Math.min(1, strongest), pitchHz: rateHz / period };
}

/** Where the first peak that is at least so high is; 0 when there is none. */
function firstPeak(values: readonly number[], least: number): number {
  for (let at = 1; at + 1 < values.length; at++) {
    const value = values[at] as number;
    if (value >= least && value >= (values[at - 1] as number) && value >= (values[at + 1] as number)) return at;
  }
  return 0;
}

/** What {@link voicingOf} needs. */
export const voicingSamples = comparedSamples + longestLag;
