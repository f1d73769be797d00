import type { AnalyserOptions } from './options.js';
import type { Interval } from './recording.js';

/** A pause inside one reply that is longer than the pauses of natural speech. */
export type ReplyGap = Interval & {
  readonly pauseMs: number;
  /** `pauseMs` beyond the natural pause. */
  readonly excessMs: number;
};

/** What the agent says in one go. */
export type Reply = Interval & {
  /** Audible stretches, in order. */
  readonly segments: readonly Interval[];
  /** Excess of every pause between segments, 0 for natural ones: the values that `gap_within_reply` describes. */
  readonly pauseExcessMs: readonly number[];
  /** The pauses that are not natural. */
  readonly gaps: readonly ReplyGap[];
};

/** Groups the agent's segments into replies. Both lists are sorted by time. */
export function groupReplies(
  segments: readonly Interval[],
  callerTurns: readonly Interval[],
  options: AnalyserOptions,
): Reply[] {
  const groups: Interval[][] = [];
  for (const segment of segments) {
    const group = groups.at(-1);
    const first = group?.[0];
    const last = group?.at(-1);
    if (!group || !first || !last || startsNewReply(first.startMs, last.endMs, segment.startMs, callerTurns, options)) {
      groups.push([segment]);
    } else {
      group.push(segment);
    }
  }
  return groups.map((group) => toReply(group, options));
}

/**
 * A reply ends at a long pause, at a pause in which a caller's turn ends (what follows answers it), and at a pause of
 * `yieldPauseMs` in which, or shortly before which, the caller began to speak: the agent had stopped for the caller.
 */
function startsNewReply(
  replyStartMs: number,
  pauseStartMs: number,
  pauseEndMs: number,
  callerTurns: readonly Interval[],
  options: AnalyserOptions,
): boolean {
  const pauseMs = pauseEndMs - pauseStartMs;
  if (pauseMs >= options.replyPauseMs) return true;
  return callerTurns.some((turn) => {
    if (turn.endMs >= pauseStartMs && turn.endMs <= pauseEndMs) return true;
    const beganInReply = turn.startMs > replyStartMs && turn.startMs < pauseEndMs;
    return pauseMs >= options.yieldPauseMs && beganInReply && pauseStartMs - turn.startMs <= options.bargeInSuccessMs;
  });
}

function toReply(segments: readonly Interval[], options: AnalyserOptions): Reply {
  const gaps: ReplyGap[] = [];
  const pauseExcessMs: number[] = [];
  for (let i = 1; i < segments.length; i++) {
    const startMs = (segments[i - 1] as Interval).endMs;
    const endMs = (segments[i] as Interval).startMs;
    const pauseMs = endMs - startMs;
    const excessMs = Math.max(0, pauseMs - options.naturalPauseMs);
    pauseExcessMs.push(excessMs);
    if (excessMs > 0) gaps.push({ startMs, endMs, pauseMs, excessMs });
  }
  return {
    startMs: (segments[0] as Interval).startMs,
    endMs: (segments.at(-1) as Interval).endMs,
    segments,
    pauseExcessMs,
    gaps,
  };
}
