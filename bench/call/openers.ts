import { percentile } from '../../src/analyser/statistics.js';
import type { MeasuredTurn } from './measured-turn.js';

/** How often replies began with what was rendered ahead, and what that gained. */
export type OpenerUse = {
  /** Answered turns with an account of the server's. */
  readonly n: number;
  readonly used: number;
  /** Openers behind which the reply went on without a gap. */
  readonly hits: number;
  readonly bridged: number;
  /** First sound to first content on turns with an opener or filler; null without any. */
  readonly savedMs: { readonly p50: number; readonly p95: number } | null;
  /** Clauses that were audio in memory, those that had to be spoken, and the computing that the former saved. */
  readonly clauses: { readonly hits: number; readonly misses: number; readonly savedMs: number };
  /** An opener that was used within the three turns before it in the same call. */
  readonly repeatedWithinThree: number;
};

/** A gap shorter than this is not heard as one. */
const noGapMs = 20;

export function openerUse(calls: readonly (readonly MeasuredTurn[])[]): OpenerUse {
  const marks = calls.map((turns) => turns.flatMap(({ mark }) => mark ?? []));
  const all = marks.flat();
  const opened = all.filter(({ opener }) => opener !== null);
  const savedMs = all
    .filter(({ opener, bridged }) => opener !== null || bridged)
    .flatMap((mark) => (mark.content_latency_ms === null ? [] : [mark.content_latency_ms - mark.response_latency_ms]));
  const phrases = all.flatMap((mark) => mark.phrases ?? []);
  const repeats = marks.map((call) =>
    call.filter(
      ({ opener }, index) =>
        opener !== null && call.slice(Math.max(0, index - 3), index).some((earlier) => earlier.opener === opener),
    ),
  );
  return {
    n: all.length,
    used: opened.length,
    hits: opened.filter((mark) => mark.content_latency_ms !== null && mark.gap_within_reply_ms <= noGapMs).length,
    bridged: all.filter(({ bridged }) => bridged).length,
    savedMs: savedMs.length > 0 ? { p50: percentile(savedMs, 50), p95: percentile(savedMs, 95) } : null,
    clauses: {
      hits: sum(phrases.map(({ hits }) => hits)),
      misses: sum(phrases.map(({ misses }) => misses)),
      savedMs: sum(phrases.map(({ saved_ms }) => saved_ms)),
    },
    repeatedWithinThree: repeats.flat().length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
