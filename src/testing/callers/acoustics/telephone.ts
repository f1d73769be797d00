import { createBiquadFilter, highPass, lowPass } from '../../../audio/biquad.js';
import { decodeMulaw, encodeMulaw } from '../../../audio/g711.js';
import { resample } from '../../../audio/resample.js';
import { atRate, type CallerSound, withSamples } from './caller-sound.js';

export const telephoneRateHz = 8_000;

/** The classical telephone band; Q of the two sections of a fourth-order Butterworth filter. */
const bandHz = { low: 300, high: 3_400 };
const fourthOrderQ = [0.541_196, 1.306_563] as const;

/**
 * The caller over a telephone line: the band from 300 to 3,400 Hz, 8 kHz, mu-law and back, at the rate the sound had. The
 * filters delay it by less than a millisecond; the truth stays.
 */
export async function telephone(sound: CallerSound): Promise<CallerSound> {
  const narrow = await telephoneBand(sound);
  const line = decodeMulaw(encodeMulaw(narrow.samples));
  const back = await resample(line, telephoneRateHz, sound.rateHz);
  // 8 and 16 kHz divide evenly, other rates may differ by a sample.
  const samples = new Float32Array(sound.samples.length);
  samples.set(back.subarray(0, samples.length));
  return withSamples(sound, samples);
}

/** The same at 8 kHz, before it is coded: for a line that codes itself. */
export async function telephoneBand(sound: CallerSound): Promise<CallerSound> {
  const narrow = await atRate(sound, telephoneRateHz);
  const filter = createBiquadFilter([
    highPass(bandHz.low, telephoneRateHz),
    ...fourthOrderQ.map((q) => lowPass(bandHz.high, telephoneRateHz, q)),
  ]);
  return withSamples(narrow, filter(narrow.samples));
}
