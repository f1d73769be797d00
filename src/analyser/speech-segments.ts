import { type HopLevels, hopLevels, hopMs, rmsDb } from './level.js';
import { roomNoiseFloor, steadyNoiseFloor } from './noise-floor.js';
import type { AnalyserOptions } from './options.js';
import type { Interval } from './recording.js';

/** Boundaries are placed on this grid, finer than the hop that found them. */
const fineHopMs = 2.5;

/** How sound becomes segments; see {@link findSegments}. */
type SegmentRule = {
  readonly thresholdDb: Float32Array;
  readonly hysteresisDb: number;
  readonly minHops: number;
  readonly bridgeMs: number;
};

/**
 * Stretches in which the agent is audible: onset is the first 10 ms hop whose RMS clears the threshold with the next
 * hop staying up, placed within 2.5 ms; the end is the last audible sample. Pauses under `agentBridgeMs` are bridged.
 */
export function agentSegments(samples: Float32Array, rateHz: number, options: AnalyserOptions): Interval[] {
  const levels = hopLevels(samples, rateHz);
  return findSegments(samples, rateHz, levels, {
    thresholdDb: thresholds(steadyNoiseFloor(levels.db), options.agentThresholdDb, options.aboveFloorDb),
    hysteresisDb: options.hysteresisDb,
    minHops: 2,
    bridgeMs: options.agentBridgeMs,
  });
}

/**
 * Stretches in which the caller speaks, above the noise of the caller's own room and with a hang-over of
 * `callerHangoverMs`. `raisedByDb` lifts the threshold: the analyser uses it to see how sharp a turn's end is.
 */
export function callerSegments(
  samples: Float32Array,
  rateHz: number,
  options: AnalyserOptions,
  raisedByDb = 0,
): Interval[] {
  const levels = hopLevels(samples, rateHz);
  const floor = roomNoiseFloor(levels.db);
  return findSegments(samples, rateHz, levels, {
    thresholdDb: thresholds(floor, options.callerThresholdDb, options.aboveFloorDb).map((db) => db + raisedByDb),
    hysteresisDb: options.hysteresisDb,
    minHops: Math.max(2, Math.round(options.callerMinSpeechMs / hopMs)),
    bridgeMs: options.callerHangoverMs,
  });
}

function thresholds(floorDb: Float32Array, lowestDb: number, aboveFloorDb: number): Float32Array {
  return floorDb.map((db) => Math.max(lowestDb, db + aboveFloorDb));
}

function findSegments(samples: Float32Array, rateHz: number, levels: HopLevels, rule: SegmentRule): Interval[] {
  const merged: Interval[] = [];
  for (const run of findRuns(samples, rateHz, levels, rule)) {
    const previous = merged.at(-1);
    if (previous !== undefined && run.startMs - previous.endMs < rule.bridgeMs) {
      merged[merged.length - 1] = { startMs: previous.startMs, endMs: run.endMs };
    } else {
      merged.push(run);
    }
  }
  // Length is judged after bridging: a short word may be two shorter sounds about a closure.
  return merged.filter(({ startMs, endMs }) => endMs - startMs >= (rule.minHops - 1) * hopMs);
}

/** Runs of two hops and more that open at the threshold and stay within the hysteresis. */
function findRuns(samples: Float32Array, rateHz: number, levels: HopLevels, rule: SegmentRule): Interval[] {
  const { db } = levels;
  const runs: Interval[] = [];
  let hop = 0;
  while (hop < db.length) {
    const opens = rule.thresholdDb[hop] as number;
    if ((db[hop] as number) < opens) {
      hop++;
      continue;
    }
    const stays = opens - rule.hysteresisDb;
    let end = hop + 1;
    while (end < db.length && (db[end] as number) >= stays) end++;
    if (end - hop >= 2) {
      runs.push({
        startMs: refineStart(samples, rateHz, levels, hop, opens),
        endMs: refineEnd(samples, rateHz, levels, end - 1, stays),
      });
    }
    hop = end;
  }
  return runs;
}

function refineStart(samples: Float32Array, rateHz: number, levels: HopLevels, hop: number, db: number): number {
  const fine = (rateHz * fineHopMs) / 1000;
  const from = Math.max(0, (hop - 1) * levels.hopSamples);
  const to = (hop + 1) * levels.hopSamples;
  for (let at = from; at < to; at += fine) {
    if (rmsDb(samples, Math.round(at), Math.round(at + fine), levels.offset) >= db) return (at / rateHz) * 1000;
  }
  return hop * hopMs;
}

function refineEnd(samples: Float32Array, rateHz: number, levels: HopLevels, hop: number, db: number): number {
  const fine = (rateHz * fineHopMs) / 1000;
  const from = hop * levels.hopSamples;
  const to = Math.min(samples.length, (hop + 2) * levels.hopSamples);
  for (let at = to; at > from; at -= fine) {
    if (rmsDb(samples, Math.round(at - fine), Math.round(at), levels.offset) >= db) return (at / rateHz) * 1000;
  }
  return (hop + 1) * hopMs;
}
