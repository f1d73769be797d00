import { samplesOf } from '../../audio/frame.js';
import { silentBelowDb } from './believable.js';
import { hopLevelsDb, hopMs, levelPercentile } from './levels.js';

/** A stretch of samples in which somebody speaks. */
export type VoicedStretch = { readonly from: number; readonly to: number };

/** Speech lies within this of its own loud parts (95th percentile) ... */
const withinDb = 30;
/** ... above the room (10th percentile) by this, where the room leaves so much ... */
const aboveRoomDb = 10;
/** ... and a room that is louder than this below the loud parts is no quiet one: then this divides them. */
const leastDb = 12;
/** Shorter pauses are inside words or between words that are said together. */
const leastPauseMs = 200;
const leastVoicedMs = 40;

const rateHz = 16_000;

/** Where somebody speaks, divided at pauses of 200 ms and more. @param samples 16 kHz */
export function voicedStretches(samples: Float32Array): VoicedStretch[] {
  const levels = hopLevelsDb(samples);
  const loud = levelPercentile(levels, 0.95);
  const gate = Math.max(
    silentBelowDb,
    loud - withinDb,
    Math.min(levelPercentile(levels, 0.1) + aboveRoomDb, loud - leastDb),
  );
  const stretches: { from: number; to: number }[] = [];
  for (const [hop, level] of levels.entries()) {
    if (level <= gate) continue;
    const open = stretches.at(-1);
    if (open && (hop - open.to) * hopMs < leastPauseMs) open.to = hop + 1;
    else stretches.push({ from: hop, to: hop + 1 });
  }
  return stretches
    .filter(({ from, to }) => (to - from) * hopMs >= leastVoicedMs)
    .map(({ from, to }) => ({ from: samplesOf(from * hopMs, rateHz), to: samplesOf(to * hopMs, rateHz) }));
}
