import { ParleyError } from '../../../audio/error.js';
import { samplesOf } from '../../../audio/frame.js';
import { gainOf } from '../../../audio/loudness.js';
import { callerRateHz } from './caller-sound.js';
import { createRoom, type RoomOptions, roomResponse } from './room-response.js';

export type EchoPathOptions = {
  /** Level of the echo at the microphone against the agent's audio as it was sent, dB: -30 is faint, 0 a loudspeaker. */
  readonly levelDb: number;
  /** From the agent's sample being played to its direct sound in the caller's audio: 1..1,000. */
  readonly delayMs: number;
  /** @defaultValue {@link defaultEchoRoom} */
  readonly room?: RoomOptions;
  /**
   * By how much the caller's clock is fast against the agent's, in millionths: the echo falls behind by so much. Below 0
   * it catches up. The delay stays within 1..1,500 ms. @defaultValue 0
   */
  readonly driftPpm?: number;
  /** Amplitude beyond which the loudspeaker clips, before the level. @defaultValue none */
  readonly clipAt?: number;
  /** Of the room's reflections. @defaultValue 1 */
  readonly seed?: number;
  /** @defaultValue 16000 */
  readonly rateHz?: number;
};

/** A small furnished room, and a loudspeaker near the microphone. */
export const defaultEchoRoom: RoomOptions = { decayMs: 200, directToReverbDb: 6 };

const shortestDelayMs = 1;
const longestDelayMs = 1_000;
/** How far drift may take it. */
const longestDriftedMs = 1_500;

/** The way from the agent's loudspeaker to the caller's microphone, for as long as a call lasts. */
export type EchoPath = {
  /** Takes the next samples that the agent plays (zeros where it is silent) and returns as many of the microphone's. */
  process(played: Float32Array): Float32Array;
};

/**
 * @throws ParleyError `acoustics.echo_delay` for a delay outside 1..1,000 ms
 */
export function createEchoPath(options: EchoPathOptions): EchoPath {
  const { levelDb, delayMs, room = defaultEchoRoom, driftPpm = 0, clipAt, seed = 1, rateHz = callerRateHz } = options;
  if (!(delayMs >= shortestDelayMs && delayMs <= longestDelayMs))
    throw new ParleyError(
      `An echo cannot come after ${delayMs} ms: expected ${shortestDelayMs} to ${longestDelayMs} ms.`,
      { code: 'acoustics.echo_delay', status: 400 },
    );
  const gain = gainOf(levelDb);
  const limit = clipAt ?? Number.POSITIVE_INFINITY;
  const late = createDriftingDelay({ delayMs, driftPpm, rateHz });
  const reflect = createRoom(roomResponse(room, rateHz, seed));
  return {
    process: (played) => reflect(late(played.map((sample) => Math.max(-limit, Math.min(limit, sample)) * gain))),
  };
}

/** What comes back of a whole recording of the agent; as long as the recording. */
export function echoOf(played: Float32Array, options: EchoPathOptions): Float32Array {
  return createEchoPath(options).process(played);
}

/** A delay that grows by `driftPpm` of the time that passes; between samples, by cubic interpolation (Catmull-Rom). */
function createDriftingDelay(options: {
  readonly delayMs: number;
  readonly driftPpm: number;
  readonly rateHz: number;
}): (samples: Float32Array) => Float32Array {
  const { delayMs, driftPpm, rateHz } = options;
  const ring = new Float32Array(2 ** Math.ceil(Math.log2(samplesOf(longestDriftedMs, rateHz) + 8)));
  const mask = ring.length - 1;
  const base = samplesOf(delayMs, rateHz);
  const shortest = samplesOf(shortestDelayMs, rateHz);
  const longest = samplesOf(longestDriftedMs, rateHz);
  let count = 0;
  return (samples) => {
    const delayed = new Float32Array(samples.length);
    for (let i = 0; i < samples.length; i++) {
      ring[count & mask] = samples[i] as number;
      const delay = Math.max(shortest, Math.min(longest, base + count * driftPpm * 1e-6));
      const whole = Math.ceil(delay);
      // Position between the sample at `count - whole` and the next one.
      const between = whole - delay;
      const at = (offset: number): number => ring[(count - whole + offset + ring.length) & mask] as number;
      delayed[i] = between === 0 ? at(0) : cubic(at(-1), at(0), at(1), at(2), between);
      count += 1;
    }
    return delayed;
  };
}

function cubic(before: number, from: number, to: number, after: number, t: number): number {
  const slopeFrom = (to - before) / 2;
  const slopeTo = (after - from) / 2;
  const square = t * t;
  const cube = square * t;
  return (
    (2 * cube - 3 * square + 1) * from +
    (cube - 2 * square + t) * slopeFrom +
    (3 * square - 2 * cube) * to +
    (cube - square) * slopeTo
  );
}
