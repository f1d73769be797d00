import { ParleyError } from '../../../audio/error.js';
import { concatSamples, durationMs, samplesOf } from '../../../audio/frame.js';
import { dbOf, gainOf } from '../../../audio/loudness.js';
import { resample } from '../../../audio/resample.js';
import { type RoomTone, roomToneOf } from '../../../audio/room-tone.js';

/** What simulated callers are made at, unless a name says otherwise. */
export const callerRateHz = 16_000;

/** A stretch of a sound, ms from its first sample. */
export type Stretch = { readonly startMs: number; readonly endMs: number };

export type CallerWord = Stretch & { readonly text: string };

/** Mono sound of a caller, and the truth about it. Stretches are in order and do not overlap. */
export type CallerSound = {
  readonly samples: Float32Array;
  readonly rateHz: number;
  /** Where the caller speaks. Empty for sounds that are no speech. */
  readonly speech: readonly Stretch[];
  /** What is said and when; absent where nobody knows. */
  readonly words?: readonly CallerWord[];
};

/**
 * A recording with its labels.
 * @throws ParleyError `acoustics.bad_speech` for stretches that are out of order, overlap, or lie outside the recording
 */
export function callerSound(sound: CallerSound): CallerSound {
  const lengthMs = soundMs(sound);
  let fromMs = 0;
  for (const { startMs, endMs } of sound.speech) {
    if (!(startMs >= fromMs && endMs > startMs && endMs <= lengthMs + labelToleranceMs))
      throw new ParleyError(
        `Speech from ${startMs} to ${endMs} ms cannot be in a sound of ${Math.round(lengthMs)} ms: expected stretches in ` +
          'order, apart, and inside the sound.',
        { code: 'acoustics.bad_speech', status: 400 },
      );
    fromMs = endMs;
  }
  const speech = sound.speech.map(({ startMs, endMs }) => ({ startMs, endMs: Math.min(endMs, lengthMs) }));
  return { ...sound, speech };
}

/** Labels are often rounded to 10 ms, so the last may lie behind the last sample. */
const labelToleranceMs = 20;

/** Length of a sound. */
export function soundMs({ samples, rateHz }: CallerSound): number {
  return durationMs(samples.length, rateHz);
}

/** From the first word to the last: 0..0 where nothing is said. */
export function speechSpan({ speech }: CallerSound): Stretch {
  return { startMs: speech[0]?.startMs ?? 0, endMs: speech.at(-1)?.endMs ?? 0 };
}

/** RMS of what lies in the speech stretches (of the whole sound where there are none), in dBFS. */
export function speechLevelDb(sound: CallerSound): number {
  const stretches = sound.speech.length > 0 ? sound.speech : [{ startMs: 0, endMs: soundMs(sound) }];
  let sum = 0;
  let count = 0;
  for (const { startMs, endMs } of stretches) {
    const to = Math.min(sound.samples.length, samplesOf(endMs, sound.rateHz));
    for (let i = samplesOf(startMs, sound.rateHz); i < to; i++) {
      sum += (sound.samples[i] as number) ** 2;
      count += 1;
    }
  }
  return dbOf(count > 0 ? Math.sqrt(sum / count) : 0);
}

/** Room tone is looked for this far away from speech: labels are not exact, and rooms ring. */
const awayFromSpeechMs = 120;
const toneStretchesMs = [2_000, 1_000, 500, 400, 300];

/** The room in which a sound was recorded, from where nobody speaks in it. */
export function roomOf(sound: CallerSound): RoomTone {
  const outside = sound.speech.map(({ startMs, endMs }) => ({
    startMs: startMs - awayFromSpeechMs,
    endMs: endMs + awayFromSpeechMs,
  }));
  return roomToneOf(sound.samples, sound.rateHz, { stretchesMs: toneStretchesMs, outside });
}

/** `length` samples of a room; `from` is where in its loop they begin. */
export function toneSamples({ loop }: RoomTone, length: number, from = 0): Float32Array {
  const samples = new Float32Array(length);
  for (let i = 0; i < length; i++) samples[i] = loop[(from + i) % loop.length] as number;
  return samples;
}

/** The same truth about other samples of the same length. */
export function withSamples(sound: CallerSound, samples: Float32Array): CallerSound {
  return { ...sound, samples };
}

/** Louder or quieter by `db`. Nothing is clipped. */
export function withGain(sound: CallerSound, db: number): CallerSound {
  const gain = gainOf(db);
  return withSamples(
    sound,
    sound.samples.map((sample) => sample * gain),
  );
}

/** With its speech at `levelDb` dBFS (RMS over the speech stretches). */
export function atSpeechLevel(sound: CallerSound, levelDb: number): CallerSound {
  return withGain(sound, levelDb - speechLevelDb(sound));
}

/** The part from `startMs` to `endMs`. Speech and words that lie partly in it are cut to it. */
export function trim(sound: CallerSound, { startMs, endMs }: Stretch): CallerSound {
  const from = Math.max(0, samplesOf(startMs, sound.rateHz));
  const to = Math.max(from, Math.min(sound.samples.length, samplesOf(endMs, sound.rateHz)));
  const offsetMs = durationMs(from, sound.rateHz);
  const lengthMs = durationMs(to - from, sound.rateHz);
  const kept = <Part extends Stretch>(parts: readonly Part[]): Part[] =>
    parts
      .map((part) => ({
        ...part,
        startMs: Math.max(0, part.startMs - offsetMs),
        endMs: Math.min(lengthMs, part.endMs - offsetMs),
      }))
      .filter((part) => part.endMs > part.startMs);
  return {
    samples: sound.samples.slice(from, to),
    rateHz: sound.rateHz,
    speech: kept(sound.speech),
    ...(sound.words ? { words: kept(sound.words) } : {}),
  };
}

export type Margins = { readonly beforeMs: number; readonly afterMs: number };

/** Only what is said, with so much around it as there is, and no more than asked. */
export function trimToSpeech(sound: CallerSound, { beforeMs, afterMs }: Margins): CallerSound {
  const { startMs, endMs } = speechSpan(sound);
  return trim(sound, { startMs: startMs - beforeMs, endMs: endMs + afterMs });
}

/** Longer by `beforeMs` and `afterMs` of its own room. */
export function pad(sound: CallerSound, { beforeMs, afterMs }: Margins): CallerSound {
  const room = roomOf(sound);
  const before = toneSamples(room, samplesOf(beforeMs, sound.rateHz));
  const after = toneSamples(room, samplesOf(afterMs, sound.rateHz), before.length);
  return {
    ...shifted(sound, durationMs(before.length, sound.rateHz)),
    samples: joinedSoftly([before, sound.samples, after], sound.rateHz),
  };
}

/**
 * Sounds one after the other with `gapsMs[i]` of a room between sound i and the next. Words are known of the whole where
 * they are known of every part.
 *
 * @param room what fills the gaps; that of the first sound unless given
 * @throws ParleyError `acoustics.rates` for sounds of different rates
 */
export function concatenate(
  sounds: readonly CallerSound[],
  gapsMs: readonly number[],
  room: RoomTone | undefined = sounds[0] && roomOf(sounds[0]),
): CallerSound {
  const [first] = sounds;
  if (!first || !room) return { samples: new Float32Array(0), rateHz: callerRateHz, speech: [] };
  const parts: Float32Array[] = [];
  const moved: CallerSound[] = [];
  let at = 0;
  for (const [index, sound] of sounds.entries()) {
    assertRate(sound, first.rateHz);
    moved.push(shifted(sound, durationMs(at, first.rateHz)));
    const last = index === sounds.length - 1;
    const gap = toneSamples(room, last ? 0 : samplesOf(gapsMs[index] ?? 0, first.rateHz), at);
    parts.push(sound.samples, gap);
    at += sound.samples.length + gap.length;
  }
  const allWords = moved.every(({ words }) => words !== undefined);
  return {
    samples: joinedSoftly(parts, first.rateHz),
    rateHz: first.rateHz,
    speech: moved.flatMap(({ speech }) => speech),
    ...(allWords ? { words: moved.flatMap(({ words }) => words ?? []) } : {}),
  };
}

/** The same sound at another rate; what is where in it stays. */
export async function atRate(sound: CallerSound, rateHz: number): Promise<CallerSound> {
  return { ...sound, samples: await resample(sound.samples, sound.rateHz, rateHz), rateHz };
}

/** @throws ParleyError `acoustics.rates` */
export function assertRate(sound: CallerSound, rateHz: number): void {
  if (sound.rateHz === rateHz) return;
  throw new ParleyError(
    `Sounds of ${sound.rateHz} and ${rateHz} Hz cannot be put together: bring them to one rate first.`,
    { code: 'acoustics.rates', status: 400 },
  );
}

/** The truth of a sound that begins `byMs` later; the samples are as they were. */
export function shifted(sound: CallerSound, byMs: number): CallerSound {
  const later = <Part extends Stretch>(part: Part): Part => ({
    ...part,
    startMs: part.startMs + byMs,
    endMs: part.endMs + byMs,
  });
  return {
    ...sound,
    speech: sound.speech.map(later),
    ...(sound.words ? { words: sound.words.map(later) } : {}),
  };
}

/** Long enough to make no click, short enough to touch no word. */
export const joinFadeMs = 5;

/**
 * Parts end to end, each seam without a step: what a part would have jumped from is blended into its first milliseconds.
 * The length is the sum of the lengths, so that nothing moves.
 */
export function joinedSoftly(parts: readonly Float32Array[], rateHz: number): Float32Array {
  const filled = parts.filter(({ length }) => length > 0);
  const joined = concatSamples(filled);
  let seam = 0;
  for (const [index, part] of filled.entries()) {
    seam += part.length;
    const next = filled[index + 1];
    if (!next) break;
    const fade = Math.min(samplesOf(joinFadeMs, rateHz), part.length, next.length);
    // The part before the seam goes on backwards into the next one: a mirror has no step.
    for (let i = 0; i < fade; i++) {
      const angle = (Math.PI / 2) * ((i + 0.5) / fade);
      const before = part[part.length - 1 - i] as number;
      joined[seam + i] = (next[i] as number) * Math.sin(angle) + before * Math.cos(angle);
    }
  }
  return joined;
}
