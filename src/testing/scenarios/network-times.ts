import { throughNetwork } from '../callers/acoustics/packet-loss.js';
import type { Conditions } from './scenario-schema.js';

const frameMs = 20;
/** As long as the longest call. */
const frames = (30 * 60_000) / frameMs;

/** When each frame of 20 ms arrives, ms from the first sample; a lost one is not there. Undefined for a line without faults. */
export function arrivalTimes({ network }: Conditions, seed: number): ReadonlyMap<number, number> | undefined {
  if (!network) return undefined;
  // One sample stands for a frame: only their times are wanted.
  const arriving = throughNetwork(new Float32Array(frames), 1_000 / frameMs, {
    seed,
    lossShare: network.loss,
    burstFrames: network.burst_frames,
    jitterMs: network.jitter_ms,
    frameMs,
  });
  return new Map(arriving.map(({ index, arrivesMs }) => [index, arrivesMs]));
}
