import { ParleyError } from '../../../audio/error.js';
import { samplesOf } from '../../../audio/frame.js';
import { dbOf, gainOf, rms, silenceDb } from '../../../audio/loudness.js';
import { between, pick, type Random, randomFrom } from '../../seeded-random.js';
import {
  assertRate,
  atSpeechLevel,
  type CallerSound,
  joinedSoftly,
  speechLevelDb,
  withGain,
  withSamples,
} from './caller-sound.js';

/** Where a seam of a repeated noise is hidden. */
const loopFadeMs = 50;

/** A noise, repeated or cut to `length` samples from `from` on; seams are crossfaded. */
export function loopNoise(noise: Float32Array, length: number, rateHz: number, from = 0): Float32Array {
  const fade = Math.min(samplesOf(loopFadeMs, rateHz), noise.length >> 2);
  const period = noise.length - fade;
  const looped = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const at = (from + i) % period;
    const own = noise[at] as number;
    const behind = at < fade && from + i >= period ? noise[period + at] : undefined;
    // A noise is not correlated with its own end: equal power keeps its level.
    const angle = (Math.PI / 2) * ((at + 0.5) / fade);
    looped[i] = behind === undefined ? own : own * Math.sin(angle) + behind * Math.cos(angle);
  }
  return looped;
}

export type NoiseOptions = {
  /** Speech level (RMS where the caller speaks) less noise level (RMS over the whole sound), dB. */
  readonly snrDb: number;
  /** Where in the noise it begins. @defaultValue 1 */
  readonly seed?: number;
};

/**
 * The caller in a noise of the sound's rate: kitchen, babble, any recording. The caller's own level stays.
 * @throws ParleyError `acoustics.silent` for a noise without sound, or a caller without
 */
export function withNoise(sound: CallerSound, noise: Float32Array, { snrDb, seed = 1 }: NoiseOptions): CallerSound {
  if (noise.length === 0) throw silentError('the noise');
  const from = Math.floor(randomFrom(seed)() * noise.length);
  const looped = loopNoise(noise, sound.samples.length, sound.rateHz, from);
  const noiseDb = dbOf(rms(looped));
  const speechDb = speechLevelDb(sound);
  if (noiseDb <= silenceDb) throw silentError('the noise');
  if (speechDb <= silenceDb) throw silentError('the caller');
  const gain = gainOf(speechDb - snrDb - noiseDb);
  return withSamples(
    sound,
    sound.samples.map((sample, i) => sample + (looped[i] as number) * gain),
  );
}

/**
 * Another sound mixed in: a cough, a second person. `aboveDb` is its speech level relative to the caller's (-15: quieter).
 * The truth stays the caller's. What does not fit behind `atMs` is left out.
 */
export function withOther(
  sound: CallerSound,
  other: CallerSound,
  { atMs, aboveDb }: { readonly atMs: number; readonly aboveDb: number },
): CallerSound {
  assertRate(other, sound.rateHz);
  const levelled = withGain(other, speechLevelDb(sound) + aboveDb - speechLevelDb(other));
  const mixed = sound.samples.slice();
  const from = samplesOf(atMs, sound.rateHz);
  const count = Math.min(levelled.samples.length, mixed.length - from);
  for (let i = Math.max(0, -from); i < count; i++)
    mixed[from + i] = (mixed[from + i] as number) + (levelled.samples[i] as number);
  return withSamples(sound, mixed);
}

/**
 * Many people talking at once: `voices` streams, each the speech of one recording after another in random order without
 * their silences, all at one level.
 *
 * @returns `lengthMs` of babble at about the level of one voice, at the rate of the recordings
 * @throws ParleyError `acoustics.silent` where no recording has speech
 */
export function babble(
  recordings: readonly CallerSound[],
  { lengthMs, voices, seed }: { readonly lengthMs: number; readonly voices: number; readonly seed: number },
): Float32Array {
  const [first] = recordings;
  const spoken = recordings.filter(({ speech }) => speech.length > 0).map((each) => atSpeechLevel(each, 0));
  if (!first || spoken.length === 0) throw silentError('the babble');
  for (const each of recordings) assertRate(each, first.rateHz);
  const random = randomFrom(seed);
  const mixed = new Float32Array(samplesOf(lengthMs, first.rateHz));
  for (let voice = 0; voice < voices; voice++) {
    const stream = oneVoice(spoken, mixed.length, random);
    for (let i = 0; i < mixed.length; i++) mixed[i] = (mixed[i] as number) + (stream[i] as number);
  }
  const gain = gainOf(speechLevelDb(first)) / Math.max(rms(mixed), Number.MIN_VALUE);
  return mixed.map((sample) => sample * gain);
}

/** Speech without silences, from the middle of a recording on. */
function oneVoice(spoken: readonly CallerSound[], length: number, random: Random): Float32Array {
  const parts: Float32Array[] = [];
  const { rateHz } = spoken[0] as CallerSound;
  let skip = Math.floor(between(random, 0, rateHz));
  let have = -skip;
  while (have < length) {
    const { samples, speech } = pick(random, spoken) as CallerSound;
    for (const { startMs, endMs } of speech) {
      const part = samples.subarray(samplesOf(startMs, rateHz), samplesOf(endMs, rateHz));
      have += part.length;
      parts.push(part.subarray(Math.min(skip, part.length)));
      skip = Math.max(0, skip - part.length);
    }
  }
  return joinedSoftly(parts, rateHz).subarray(0, length);
}

function silentError(what: string): ParleyError {
  return new ParleyError(`Sounds are mixed by their levels, and ${what} is silent: give one that can be heard.`, {
    code: 'acoustics.silent',
    status: 400,
  });
}
