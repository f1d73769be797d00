import { samplesOf } from '../../audio/frame.js';
import { rmsDb } from '../../audio/loudness.js';

/** The last syllable or so. */
const lastMs = 150;
const mostDb = 40;

/**
 * How much quieter the end of some speech is than all of it, in dB, at or below 0 for a voice that falls: speakers let
 * their voice fall at the end of what they say, and hold it where they only pause.
 *
 * @param samples speech, mono, with `silenceMs` of what came after it
 */
export function speechDecayDb(samples: Float32Array, rateHz: number, silenceMs: number): number {
  const speech = samples.subarray(0, Math.max(0, samples.length - samplesOf(silenceMs, rateHz)));
  if (speech.length === 0) return 0;
  const fall = rmsDb(speech.subarray(Math.max(0, speech.length - samplesOf(lastMs, rateHz)))) - rmsDb(speech);
  return Math.round(Math.min(mostDb, Math.max(-mostDb, fall)) * 10) / 10;
}
