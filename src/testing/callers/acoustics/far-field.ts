import { createBiquadFilter, lowPass } from '../../../audio/biquad.js';
import { atSpeechLevel, type CallerSound, speechLevelDb, withSamples } from './caller-sound.js';
import { withNoise } from './mixing.js';
import { pinkNoise } from './noises.js';
import { createRoom, type RoomOptions, roomResponse } from './room-response.js';

export type FarFieldOptions = RoomOptions & {
  /** Corner of what distance and soft furniture take away. */
  readonly lowPassHz: number;
  /** Speech against the noise of the room. */
  readonly snrDb: number;
};

/** Some three metres from the microphone in a living room. */
export const defaultFarField: FarFieldOptions = {
  decayMs: 500,
  directToReverbDb: -3,
  lowPassHz: 4_500,
  snrDb: 20,
};

/** The caller across the room, at the level they had (make them quieter with `withGain`). Their words stay where they are. */
export function farField(
  sound: CallerSound,
  options: Partial<FarFieldOptions> & { readonly seed: number },
): CallerSound {
  const { seed, lowPassHz, snrDb, ...room } = { ...defaultFarField, ...options };
  const { rateHz } = sound;
  const reflected = createRoom(roomResponse(room, rateHz, seed))(sound.samples);
  const dull = createBiquadFilter([lowPass(lowPassHz, rateHz)])(reflected);
  const levelled = atSpeechLevel(withSamples(sound, dull), speechLevelDb(sound));
  return withNoise(levelled, pinkNoise(seed, levelled.samples.length), { snrDb, seed });
}
