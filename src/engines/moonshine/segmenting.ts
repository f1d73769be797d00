import { samplesOf } from '../../audio/frame.js';

const rateHz = 16_000;
const hopSamples = samplesOf(20, rateHz);

/**
 * A window of the utterance is settled (its words fixed, its audio never decoded again) at a pause once it is this
 * long: decoding stays cheap however long the caller speaks.
 */
const settleFromMs = 4_000;
/** With no pause to be found the quietest moment has to do. */
const settleLatestMs = 9_000;
/** The end of the window is left alone: the word there may not be finished. */
const keepTailMs = 700;
const headMs = 1_000;
const pauseMs = 160;
/** A pause is this far below the loud parts of the window (90th percentile). */
const pauseBelowDb = 22;

/**
 * Where the window `samples` (16 kHz) may be cut in two without cutting a word: the middle of a pause, as a sample
 * index, or undefined when it should wait.
 */
export function findCut(samples: Float32Array): number | undefined {
  if (samples.length < samplesOf(settleFromMs, rateHz)) return undefined;
  const levels = hopLevelsDb(samples);
  const loud = percentileOf(levels, 0.9);
  const hopsPerPause = Math.round(samplesOf(pauseMs, rateHz) / hopSamples);
  const first = Math.round(samplesOf(headMs, rateHz) / hopSamples);
  const last = levels.length - Math.round(samplesOf(keepTailMs, rateHz) / hopSamples) - hopsPerPause;
  let quietest = Number.POSITIVE_INFINITY;
  let quietestAt = -1;
  for (let hop = first; hop <= last; hop++) {
    let loudest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < hopsPerPause; i++) loudest = Math.max(loudest, levels[hop + i] as number);
    // Of equally good pauses the later one settles more.
    if (loudest <= quietest) {
      quietest = loudest;
      quietestAt = hop;
    }
  }
  if (quietestAt < 0) return undefined;
  const isPause = quietest < loud - pauseBelowDb;
  if (!isPause && samples.length < samplesOf(settleLatestMs, rateHz)) return undefined;
  return (quietestAt + Math.floor(hopsPerPause / 2)) * hopSamples;
}

/** First and last sample of what stands out of the window's quiet, for placing words in time. */
export function activeRange(samples: Float32Array): { readonly from: number; readonly to: number } {
  const levels = hopLevelsDb(samples);
  const gate = percentileOf(levels, 0.9) - pauseBelowDb;
  let first = levels.findIndex((level) => level > gate);
  if (first < 0) first = 0;
  let last = levels.length - 1;
  while (last > first && (levels[last] as number) <= gate) last--;
  return { from: first * hopSamples, to: Math.min(samples.length, (last + 1) * hopSamples) };
}

function hopLevelsDb(samples: Float32Array): number[] {
  const levels: number[] = [];
  for (let at = 0; at + hopSamples <= samples.length; at += hopSamples) {
    let energy = 1e-10;
    for (let i = at; i < at + hopSamples; i++) energy += (samples[i] as number) ** 2;
    levels.push(10 * Math.log10(energy / hopSamples));
  }
  return levels;
}

function percentileOf(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? -100;
}
