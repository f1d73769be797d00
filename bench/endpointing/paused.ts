import { concatSamples, samplesOf } from '../../src/audio/frame.js';
import { rms } from '../../src/audio/loudness.js';

/** A pause that is put into speech. */
export type PlannedPause = { readonly atMs: number; readonly lengthMs: number };

export type WordTime = { readonly text: string; readonly startMs: number; readonly endMs: number };

/** Word times are good to some 100 ms: the cut is made where it is quietest around the boundary. */
const searchMs = 80;
const hopMs = 5;
const crossfadeMs = 8;
const shortestMs = 300;
const longestMs = 1_500;
/** Closer boundaries would make one pause of two. */
const leastApartMs = 500;

/** One or two pauses of 0.3-1.5 s between words of the same phrase: never where punctuation shows a boundary. */
export function planPauses(words: readonly WordTime[], random: () => number): PlannedPause[] {
  const boundaries = words.slice(0, -1).flatMap((word, index) => {
    const next = words[index + 1];
    if (!next || /[.,!?;:]$/.test(word.text)) return [];
    return [(word.endMs + next.startMs) / 2];
  });
  const wanted = random() < 0.5 ? 1 : 2;
  const chosen: number[] = [];
  for (let tries = 0; tries < 20 && chosen.length < wanted && boundaries.length > 0; tries++) {
    const atMs = boundaries[Math.floor(random() * boundaries.length)] as number;
    if (chosen.every((other) => Math.abs(other - atMs) >= leastApartMs)) chosen.push(atMs);
  }
  return chosen
    .sort((a, b) => a - b)
    .map((atMs) => ({ atMs, lengthMs: Math.round(shortestMs + random() * (longestMs - shortestMs)) }));
}

/** Mono samples with the pauses put in, filled with `roomTone`, which is repeated as need be. */
export function insertPauses(
  samples: Float32Array,
  rateHz: number,
  pauses: readonly PlannedPause[],
  roomTone: Float32Array,
): Float32Array {
  const parts: Float32Array[] = [];
  let from = 0;
  for (const { atMs, lengthMs } of pauses) {
    const at = quietestAround(samples, samplesOf(atMs, rateHz), rateHz);
    parts.push(samples.slice(from, at), repeated(roomTone, samplesOf(lengthMs, rateHz), rateHz));
    from = at;
  }
  parts.push(samples.slice(from));
  return joined(parts, rateHz);
}

/** The longest stretch of a recording in which nobody speaks, less what is close to the speech. */
export function roomToneOf(
  samples: Float32Array,
  rateHz: number,
  speech: { readonly startMs: number; readonly endMs: number },
): Float32Array {
  const marginMs = 150;
  const before = samples.slice(0, Math.max(0, samplesOf(speech.startMs - marginMs, rateHz)));
  const after = samples.slice(Math.min(samples.length, samplesOf(speech.endMs + marginMs, rateHz)));
  return before.length > after.length ? before : after;
}

/** As much of a room tone as is wanted. */
export function repeated(tone: Float32Array, length: number, rateHz: number): Float32Array {
  if (tone.length === 0) return new Float32Array(length);
  const parts: Float32Array[] = [];
  const overlap = samplesOf(crossfadeMs, rateHz);
  for (let have = 0; have < length + overlap; have += Math.max(1, tone.length - overlap)) parts.push(tone);
  return joined(parts, rateHz).slice(0, length);
}

/** One after another, each faded into the next where both are long enough. */
function joined(parts: readonly Float32Array[], rateHz: number): Float32Array {
  const overlap = samplesOf(crossfadeMs, rateHz);
  const out: Float32Array[] = [];
  let open = parts[0] ?? new Float32Array(0);
  for (const next of parts.slice(1)) {
    if (open.length < 2 * overlap || next.length < 2 * overlap) {
      out.push(open);
      open = next;
      continue;
    }
    const seam = new Float32Array(overlap);
    for (let i = 0; i < overlap; i++) {
      const share = (i + 0.5) / overlap;
      const leaving = open[open.length - overlap + i] as number;
      seam[i] = leaving * Math.cos((share * Math.PI) / 2) + (next[i] as number) * Math.sin((share * Math.PI) / 2);
    }
    out.push(open.slice(0, open.length - overlap), seam);
    open = next.slice(overlap);
  }
  out.push(open);
  return concatSamples(out);
}

function quietestAround(samples: Float32Array, at: number, rateHz: number): number {
  const reach = samplesOf(searchMs, rateHz);
  const hop = samplesOf(hopMs, rateHz);
  let best = at;
  let level = Number.POSITIVE_INFINITY;
  for (let from = Math.max(0, at - reach); from + 2 * hop <= Math.min(samples.length, at + reach); from += hop) {
    const loud = rms(samples.subarray(from, from + 2 * hop));
    if (loud >= level) continue;
    level = loud;
    best = from + hop;
  }
  return best;
}
