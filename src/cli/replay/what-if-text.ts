import type { EndVerdict, TurnVerdict, WhatIf } from '../../conversation/explain/what-if.js';

/** What other settings would have changed, for people: a line for each turn. */
export function whatIfText({ callId, changes, turns }: WhatIf): string {
  const set = changes.map(({ path, value }) => `${path}=${value}`).join(', ');
  const judged = turns.filter(({ wouldBe }) => wouldBe !== undefined);
  const cut = (which: (verdict: TurnVerdict) => EndVerdict | undefined): number =>
    judged.filter((verdict) => which(verdict)?.cutOff).length;
  const moved = judged.flatMap(({ laterMs }) => (laterMs === undefined ? [] : [laterMs]));
  const mean = moved.length === 0 ? 0 : Math.round(moved.reduce((sum, ms) => sum + ms, 0) / moved.length);
  return [
    `${callId} with ${set}:`,
    ...turns.map((verdict) => `  turn ${verdict.turn}: ${verdictText(verdict)}`),
    `${judged.length} of ${turns.length} turns judged; ended ${Math.abs(mean)} ms ${mean > 0 ? 'later' : 'earlier'} in the mean of ${moved.length}; callers cut off: ${cut(({ recorded }) => recorded)} as recorded, ${cut(({ wouldBe }) => wouldBe)} with these settings.`,
    ...(turns.some(({ afterDivergence }) => afterDivergence)
      ? [
          '* An earlier turn would have ended otherwise: the agent might have said something else then, and the caller too. Judged as if they had said the same; what would have followed each turn is not known.',
        ]
      : []),
  ].join('\n');
}

function verdictText(verdict: TurnVerdict): string {
  const mark = verdict.afterDivergence ? ' *' : '';
  if (verdict.unknown !== undefined) return `not known: ${verdict.unknown}.${mark}`;
  const { recorded, wouldBe, stopLaterMs } = verdict;
  const stop =
    recorded.stoppedMs === undefined && wouldBe?.stoppedMs === undefined
      ? ''
      : `; ${stopText(recorded.stoppedMs, wouldBe?.stoppedMs, stopLaterMs)}`;
  return `${endText(verdict)}${stop}. Heard from ${heardFrom[verdict.heardFrom]}.${mark}`;
}

const heardFrom = {
  log: 'the log',
  joined: 'the log, in part from its next turn',
  recording: 'the recording',
} as const;

function endText({ recorded, wouldBe, laterMs }: TurnVerdict): string {
  if (!wouldBe) return 'not known';
  const cut = cutText(recorded.cutOff, wouldBe.cutOff);
  if (wouldBe.end?.kind === 'dropped')
    return `${recorded.end?.kind === 'dropped' ? 'dropped as before' : 'would have been dropped'} (${wouldBe.end.why})${cut}`;
  if (recorded.end?.kind !== 'committed')
    return `would have ended after ${wouldBe.waitedMs} ms of silence, where it ${recorded.end ? 'was dropped' : 'did not end'}${cut}`;
  const moved =
    laterMs === undefined || laterMs === 0
      ? 'ends as before'
      : `ends ${Math.abs(laterMs)} ms ${laterMs > 0 ? 'later' : 'earlier'}`;
  return `${moved} (${recorded.waitedMs} → ${wouldBe.waitedMs} ms of silence; ${wouldBe.end?.because ?? ''})${cut}`;
}

function cutText(before: boolean, after: boolean): string {
  if (before && after) return '; the caller is cut off as before';
  if (before) return '; the caller, who was cut off, could have gone on';
  return after ? '; THE CALLER WOULD HAVE BEEN CUT OFF' : '';
}

function stopText(before: number | undefined, after: number | undefined, laterMs: number | undefined): string {
  if (before === undefined) return 'the agent would have been stopped';
  if (after === undefined) return 'the agent would not have been stopped';
  if (laterMs === undefined || laterMs === 0) return 'the agent is stopped as before';
  return `the agent is stopped ${Math.abs(laterMs)} ms ${laterMs > 0 ? 'later' : 'earlier'}`;
}
