import { between, type Random } from '../../seeded-random.js';
import { callerRateHz } from './caller-sound.js';
import { shiftFormants } from './formants.js';
import { throughSonic } from './sonic.js';

/** How another person would say it; 1 leaves each as it is. */
export type VoiceChange = {
  /** Times as high: 0.6 to 1.5. */
  readonly pitch: number;
  /** Formants times as high: 0.85 is a longer throat, 1.2 a child's. */
  readonly formants: number;
  /** Times as fast. */
  readonly pace: number;
};

/**
 * A voice changed into another one. Sonic shifts formants together with pitch, so they are moved the other way first.
 * @param samples 16 kHz
 * @returns round(n / pace) samples
 */
export function changeVoice(samples: Float32Array, { pitch, formants, pace }: VoiceChange): Promise<Float32Array> {
  return throughSonic(shiftFormants(samples, formants / pitch), callerRateHz, { speed: pace, pitch });
}

/** A voice that differs audibly from most others and is still a person's; made for an engine's voice of a woman. */
export function randomVoice(random: Random): VoiceChange {
  // Long throats belong to low voices: pitch follows the formants, with some freedom.
  const formants = between(random, 0.82, 1.08);
  return { formants, pitch: formants ** 2 * between(random, 0.85, 1.15), pace: between(random, 0.88, 1.18) };
}
