import { samplesOf } from '../../audio/frame.js';
import { rmsDb } from '../../audio/loudness.js';

/** Levels are looked at in steps of this. */
export const hopMs = 20;
const hopSamples = samplesOf(hopMs, 16_000);

/** Level in dBFS of each whole step of 16 kHz audio. */
export function hopLevelsDb(samples: Float32Array): number[] {
  const levels: number[] = [];
  for (let at = 0; at + hopSamples <= samples.length; at += hopSamples)
    levels.push(rmsDb(samples.subarray(at, at + hopSamples)));
  return levels;
}

/** The level that this share of the steps stays below; -120 for none. */
export function levelPercentile(levels: readonly number[], share: number): number {
  const sorted = [...levels].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? -120;
}
