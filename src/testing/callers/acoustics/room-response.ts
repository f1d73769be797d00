import { samplesOf } from '../../../audio/frame.js';
import { between, randomFrom } from '../../seeded-random.js';

export type RoomOptions = {
  /** Time in which the sound of the room dies away by 60 dB. */
  readonly decayMs: number;
  /** Energy of the direct sound against that of the reflections: 6 is a telephone at the ear, -6 across the room. */
  readonly directToReverbDb: number;
};

/** An impulse response by its reflections: the first is the direct sound, without delay. Its energy is 1. */
export type RoomResponse = { readonly delaysSamples: Int32Array; readonly gains: Float32Array };

/** Reflections of either sign per second; above some 1,500 the ear hears no single one of them. */
const densityHz = 2_000;
const firstReflectionMs = 2;

/**
 * A room made by the velvet-noise method (Karjalainen and Järveläinen 2007): sparse random reflections whose strength
 * falls exponentially. It needs some hundred additions a sample, so an echo can be streamed for as long as a call lasts.
 */
export function roomResponse({ decayMs, directToReverbDb }: RoomOptions, rateHz: number, seed: number): RoomResponse {
  const random = randomFrom(seed);
  const step = rateHz / densityHz;
  const count = Math.max(0, Math.floor(samplesOf(decayMs - firstReflectionMs, rateHz) / step));
  const delaysSamples = new Int32Array(count + 1);
  const gains = new Float32Array(count + 1);
  let energy = 0;
  for (let i = 1; i <= count; i++) {
    const delay = samplesOf(firstReflectionMs, rateHz) + Math.floor((i - 1) * step + between(random, 0, step));
    // 60 dB are a factor of 10^3 in amplitude.
    const gain = 10 ** ((-3 * delay) / samplesOf(decayMs, rateHz)) * (random() < 0.5 ? -1 : 1);
    delaysSamples[i] = delay;
    gains[i] = gain;
    energy += gain * gain;
  }
  const ratio = 10 ** (directToReverbDb / 10);
  gains[0] = count === 0 ? 1 : Math.sqrt(ratio / (1 + ratio));
  const reverb = count === 0 ? 0 : Math.sqrt(1 / (1 + ratio) / energy);
  for (let i = 1; i <= count; i++) gains[i] = (gains[i] as number) * reverb;
  return { delaysSamples, gains };
}

/** A room with its memory: takes the next samples of one stream, returns as many. */
export function createRoom({ delaysSamples, gains }: RoomResponse): (samples: Float32Array) => Float32Array {
  const memory = delaysSamples.reduce((longest, delay) => Math.max(longest, delay), 0);
  let past = new Float32Array(memory);
  return (samples) => {
    const joined = new Float32Array(memory + samples.length);
    joined.set(past);
    joined.set(samples, memory);
    const heard = new Float32Array(samples.length);
    for (let tap = 0; tap < gains.length; tap++) {
      const gain = gains[tap] as number;
      const from = memory - (delaysSamples[tap] as number);
      for (let i = 0; i < heard.length; i++) heard[i] = (heard[i] as number) + gain * (joined[from + i] as number);
    }
    past = joined.slice(samples.length);
    return heard;
  };
}
