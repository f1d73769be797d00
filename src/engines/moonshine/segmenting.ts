import { durationMs, samplesOf } from '../../audio/frame.js';
import { hopLevelsDb, hopMs } from './levels.js';

const rateHz = 16_000;

/** A seam leaves at least this much on its left: the model hears better with context. */
const leastLeftMs = 4_000;
/** And on its right, since the word there may not be finished. */
const leastRightMs = 700;
/** Of seams that are about as quiet the later one settles more: the whole length is worth this much. */
const laterIsWorthDb = 6;
/** Words that touch: their border is known to about this. */
const toleranceMs = 40;

/** How quiet a moment is, is judged with what is so many steps before and behind it: long pauses are better seams. */
const aroundHops = 7;

type Span = { readonly startMs: number; readonly endMs: number };

/**
 * Where a decoded stretch may be cut in two without cutting a word: the quietest moment between two of its words (or
 * behind the last), as a sample index. Where it has no words that is shortly before its end.
 *
 * @param words of `samples` (16 kHz), in order
 */
export function findSeam(samples: Float32Array, words: readonly Span[]): number {
  const lengthMs = durationMs(samples.length, rateHz);
  const lastMs = Math.max(lengthMs / 2, lengthMs - leastRightMs);
  const firstMs = Math.min(leastLeftMs, lengthMs / 3);
  const levels = hopLevelsDb(samples);
  let best = { atMs: lastMs, db: Number.POSITIVE_INFINITY };
  for (const [index, word] of words.entries()) {
    const nextMs = words[index + 1]?.startMs ?? lengthMs;
    const marginMs = nextMs - word.endMs < 2 * toleranceMs ? toleranceMs : 0;
    const fromMs = Math.max(firstMs, word.endMs - marginMs);
    const toMs = Math.min(lastMs, nextMs + marginMs);
    for (let hop = Math.ceil(fromMs / hopMs); (hop + 1) * hopMs <= toMs; hop++) {
      const around = levels.slice(Math.max(0, hop - aroundHops), hop + aroundHops + 1);
      const level = around.reduce((sum, each) => sum + each, 0) / around.length;
      const atMs = (hop + 0.5) * hopMs;
      const db = level - (atMs / lengthMs) * laterIsWorthDb;
      if (db < best.db) best = { atMs, db };
    }
  }
  return Math.min(samples.length, samplesOf(best.atMs, rateHz));
}
