import { ParleyError } from '../../../audio/error.js';
import { samplesOf } from '../../../audio/frame.js';
import { gaussian, randomFrom } from '../../seeded-random.js';

export type NetworkOptions = {
  readonly seed: number;
  /** Share of frames that never arrive, 0..1. @defaultValue 0 */
  readonly lossShare?: number;
  /** Mean length of a run of lost frames, at least 1. @defaultValue 1 (losses are independent) */
  readonly burstFrames?: number;
  /** Standard deviation of a frame's delay. @defaultValue 0 */
  readonly jitterMs?: number;
  /** Shortest way through the network. @defaultValue 0 */
  readonly delayMs?: number;
  /** Whether a late frame holds up those behind it, as a TCP socket does; else they overtake it. @defaultValue true */
  readonly inOrder?: boolean;
  /** @defaultValue 20 */
  readonly frameMs?: number;
};

/** A frame that arrives. What is missing in the list was lost. */
export type ArrivingFrame = {
  /** Its number among all that were sent. */
  readonly index: number;
  readonly samples: Float32Array;
  /** When its last sample was spoken, and when it is there; ms from the beginning of the sound. */
  readonly sentMs: number;
  readonly arrivesMs: number;
};

/**
 * A sound as it comes out of a bad network, in order of arrival. Losses follow a two-state Markov chain (Gilbert 1960).
 * The last frame may be short.
 *
 * @throws ParleyError `acoustics.network` for shares outside 0..1 and runs shorter than a frame
 */
export function throughNetwork(samples: Float32Array, rateHz: number, options: NetworkOptions): ArrivingFrame[] {
  const { seed, lossShare = 0, burstFrames = 1, jitterMs = 0, delayMs = 0, inOrder = true, frameMs = 20 } = options;
  if (!(lossShare >= 0 && lossShare < 1 && burstFrames >= 1 && jitterMs >= 0 && frameMs > 0))
    throw new ParleyError(
      'A network loses a share of 0 to below 1 of its frames in runs of at least 1, and has a jitter of 0 ms or more; ' +
        `not lossShare ${lossShare}, burstFrames ${burstFrames}, jitterMs ${jitterMs}, frameMs ${frameMs}.`,
      { code: 'acoustics.network', status: 400 },
    );
  const random = randomFrom(seed);
  const frame = samplesOf(frameMs, rateHz);
  // Independent losses have runs of 1 / (1 - share) on their own: shorter ones cannot be made.
  const meanRun = Math.max(burstFrames, 1 / (1 - lossShare));
  const leaveLoss = 1 / meanRun;
  const enterLoss = lossShare === 0 ? 0 : (leaveLoss * lossShare) / (1 - lossShare);
  const arriving: ArrivingFrame[] = [];
  let lost = random() < lossShare;
  let lastMs = 0;
  for (let at = 0, index = 0; at < samples.length; at += frame, index++) {
    const part = samples.slice(at, at + frame);
    const sentMs = ((at + part.length) / rateHz) * 1000;
    // Queues only ever delay.
    const onTimeMs = sentMs + delayMs + Math.abs(gaussian(random)) * jitterMs;
    const arrivesMs = inOrder ? Math.max(lastMs, onTimeMs) : onTimeMs;
    if (!lost) {
      arriving.push({ index, samples: part, sentMs, arrivesMs });
      lastMs = arrivesMs;
    }
    lost = lost ? random() >= leaveLoss : random() < enterLoss;
  }
  return arriving.sort((a, b) => a.arrivesMs - b.arrivesMs);
}
