import { samplesOf } from '../../audio/frame.js';

const rateHz = 16_000;
/** Voices, from a low man's to a child's. */
const lowestHz = 80;
const highestHz = 400;
const comparedSamples = samplesOf(30, rateHz);
const longestLag = Math.round(rateHz / lowestHz);
const shortestLag = Math.round(rateHz / highestHz);

/**
 * How periodic the end of a stretch of audio is, as voices are and coughs, knocks and hissing are not: the largest
 * normalised autocorrelation over the periods of human voices.
 *
 * @param samples 16 kHz, at least {@link voicingSamples} of them; only the last ones are looked at
 * @returns 0..1; ordinary vowels are above 0.7, noise is below 0.4
 */
export function voicing(samples: Float32Array): number {
  const from = samples.length - comparedSamples;
  if (from < longestLag) return 0;
  let power = 0;
  for (let i = from; i < samples.length; i++) power += (samples[i] as number) ** 2;
  if (power === 0) return 0;
  let earlier = 0;
  for (let i = from - shortestLag; i < samples.length - shortestLag; i++) earlier += (samples[i] as number) ** 2;
  let strongest = 0;
  for (let lag = shortestLag; lag <= longestLag; lag++) {
    let product = 0;
    for (let i = from; i < samples.length; i++) product += (samples[i] as number) * (samples[i - lag] as number);
    strongest = Math.max(strongest, product / Math.sqrt(power * earlier + 1e-12));
    earlier += (samples[from - lag - 1] ?? 0) ** 2 - (samples[samples.length - lag - 1] as number) ** 2;
  }
  return Math.min(1, strongest);
}

/** What {@link voicing} needs. */
export const voicingSamples = comparedSamples + longestLag;
