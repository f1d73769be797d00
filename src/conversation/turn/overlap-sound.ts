import type { TurnEvent } from './events.js';

/** What an overlap sounds like so far, whatever its words are. Echo of the agent is no part of it. */
export type OverlapSound = {
  /** Speech in it, as the voice detector hears it: that goes on a little longer than the speaker. */
  readonly speechMs: number;
  /** The part of that which has a pitch. */
  readonly voicedMs: number;
  /** Mean power of that speech against the caller's usual level; 1 is as loud. */
  readonly meanPower: number;
  /** Its loudest window against the caller's usual level, dB. */
  readonly loudestDb: number;
  /** The part of it whose pitch can be compared with the caller's usual one, and the part of that in which it is about theirs. */
  readonly pitchedMs: number;
  readonly ownPitchMs: number;
  /** It has become so much quieter that its speaker has probably ended. */
  readonly fading: boolean;
};

type Window = Extract<TurnEvent, { type: 'window' }>;

/** What has a pitch. */
const voicedFrom = 0.5;
/**
 * Quieter than its loudest window by this much, a sound is over or nearly: most dips between syllables are smaller. With 12 dB
 * callers who go on are taken to have ended so often that they wait 20 ms longer in the middle (`npm run bench -- overlap`).
 */
const fadedDb = 20;
/** As far as the pitch of one voice goes up and down while it speaks. */
const ownWithinSemitones = 4;
export const noSound: OverlapSound = {
  speechMs: 0,
  voicedMs: 0,
  meanPower: 0,
  loudestDb: Number.NEGATIVE_INFINITY,
  pitchedMs: 0,
  ownPitchMs: 0,
  fading: false,
};

/** The sound with one more window of speech. */
export function heardMore(sound: OverlapSound, { windowMs, overlap: evidence }: Window): OverlapSound {
  const { levelDb = 0, voicing = 1, semitones } = evidence ?? {};
  const power = 10 ** (levelDb / 10);
  const speechMs = sound.speechMs + windowMs;
  return {
    speechMs,
    voicedMs: sound.voicedMs + (voicing >= voicedFrom ? windowMs : 0),
    meanPower: (sound.meanPower * sound.speechMs + power * windowMs) / speechMs,
    loudestDb: Math.max(sound.loudestDb, levelDb),
    pitchedMs: sound.pitchedMs + (semitones === undefined ? 0 : windowMs),
    ownPitchMs:
      sound.ownPitchMs + (Math.abs(semitones ?? Number.POSITIVE_INFINITY) <= ownWithinSemitones ? windowMs : 0),
    fading: levelDb <= sound.loudestDb - fadedDb,
  };
}
