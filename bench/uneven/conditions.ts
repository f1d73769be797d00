import { type CallerSound, withGain } from '../../src/testing/callers/acoustics/caller-sound.js';
import { farField } from '../../src/testing/callers/acoustics/far-field.js';
import { babble, withNoise } from '../../src/testing/callers/acoustics/mixing.js';

/** What surrounds callers: recorded kitchen noise, and babble of the other speakers, at 16 kHz. */
export type Surroundings = { readonly kitchen: Float32Array; readonly babble: Float32Array };

export type Condition = {
  readonly name: string;
  /** @param index the recording's number: seeds, and kitchen or babble in turn */
  readonly apply: (sound: CallerSound, index: number, around: Surroundings) => CallerSound;
};

/** A caller who holds the telephone away, or has turned the microphone down. */
const quietDb = -20;

export const conditions: readonly Condition[] = [
  { name: 'as recorded', apply: (sound) => sound },
  ...[20, 10, 5, 0].map((snrDb) => ({ name: `noise at ${snrDb} dB`, apply: inNoise(snrDb) })),
  { name: 'far-field', apply: (sound, index) => farField(sound, { seed: index + 1 }) },
  { name: 'quiet', apply: (sound) => withGain(sound, quietDb) },
  {
    name: 'far-field and quiet',
    apply: (sound, index) => withGain(farField(sound, { seed: index + 1 }), quietDb),
  },
];

/** Every other recording in the kitchen, the rest among people. */
function inNoise(snrDb: number): Condition['apply'] {
  return (sound, index, around) =>
    withNoise(sound, index % 2 === 0 ? around.kitchen : around.babble, { snrDb, seed: index + 1 });
}

/** Six people at once. */
export function babbleOf(speakers: readonly CallerSound[]): Float32Array {
  return babble(speakers, { lengthMs: 30_000, voices: 6, seed: 1 });
}
