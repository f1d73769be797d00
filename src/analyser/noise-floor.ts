import { hopMs, silenceDb } from './level.js';
import { percentileOfSorted } from './statistics.js';

/** Quieter than this is a gap in the signal (a muted or synthetic channel), not a room. */
const digitalSilenceDb = -85;
/** A steady stretch louder than this, with digital silence about it, is a sound; quieter, it is room tone. */
const loudestRoomDb = -40;
const windowHops = 4000 / hopMs;
const stepHops = 1000 / hopMs;
const shortestIslandHops = 1000 / hopMs;

/**
 * Noise floor of an agent's channel: one figure for the whole call, since what a server plays has one floor. With
 * digital silence in a tenth of the call it is digital silence.
 */
export function steadyNoiseFloor(db: Float32Array): Float32Array {
  return new Float32Array(db.length).fill(db.length === 0 ? silenceDb : floorOf(db, false));
}

/**
 * Noise floor of a caller's channel, per hop. A caller may be played from several recordings with digital silence
 * between them, each with its own room; so the floor is estimated for each stretch between digital silences apart,
 * and in long stretches over the 8 s around each second.
 */
export function roomNoiseFloor(db: Float32Array): Float32Array {
  const floor = new Float32Array(db.length).fill(silenceDb);
  const islands = soundIslands(db);
  const inIslands = islands.reduce((sum, [from, to]) => sum + to - from, 0);
  const hasSilence = db.length - inIslands > db.length / 100;
  for (const [from, to] of islands) {
    for (let at = from; at < to; at += stepHops) {
      const end = Math.min(to, at + stepHops);
      const window = db.subarray(Math.max(from, at - windowHops), Math.min(to, end + windowHops));
      floor.fill(to - from < shortestIslandHops ? floorOfShort(window) : floorOf(window, hasSilence), at, end);
    }
  }
  return floor;
}

/**
 * The tenth percentile of the level, if the quiet hops lie close together as those of a room do. The quiet hops of
 * unbroken speech are spread instead: then its tenth percentile is speech too, and the floor is put 30 dB below the
 * loud hops. The same where digital silence lies about a sound of little range: it is speech played without a room.
 */
function floorOf(db: Float32Array, silenceAround: boolean): number {
  const sorted = Float32Array.from(db).sort();
  const at = (percent: number) => percentileOfSorted(sorted, percent);
  const quiet = at(10);
  const loud = at(95);
  const range = loud - quiet;
  if (silenceAround && range < 10) return quiet > loudestRoomDb ? silenceDb : quiet;
  const isRoom = at(20) - at(5) <= 5 && !(silenceAround && range < 20);
  return range < 10 || isRoom ? quiet : Math.min(quiet, loud - 30);
}

/** A stretch this short (a word between digital silences) holds no room tone to measure. */
function floorOfShort(db: Float32Array): number {
  return percentileOfSorted(Float32Array.from(db).sort(), 95) - 40;
}

/** Half-open hop ranges between digital silences of 100 ms and more. */
function soundIslands(db: Float32Array): [number, number][] {
  const islands: [number, number][] = [];
  const longestHole = 100 / hopMs;
  let from = -1;
  let last = -1;
  for (let hop = 0; hop < db.length; hop++) {
    if ((db[hop] as number) <= digitalSilenceDb) continue;
    if (from >= 0 && hop - last > longestHole) {
      islands.push([from, last + 1]);
      from = -1;
    }
    if (from < 0) from = hop;
    last = hop;
  }
  if (from >= 0) islands.push([from, last + 1]);
  return islands;
}
