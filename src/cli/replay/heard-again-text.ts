import { type Difference, type HeardAgain, tolerance } from '../../conversation/explain/hear-again.js';

/** What the ears say of the recording against what they said in the call, for people. */
export function heardAgainText({ windows, estimates, transcripts }: HeardAgain): string {
  const lines = [
    'The ears again, on the recorded caller:',
    `  windows: ${windows.compared} of ${windows.logged} compared, ${windows.beyondTolerance} differ by more than ${tolerance.window}, ${windows.otherSide} lie on the other side of the speech threshold${largestText(windows.largest)}`,
    `  end-of-turn: ${estimates.compared} compared, ${estimates.beyondTolerance} differ by more than ${tolerance.estimate}${largestText(estimates.largest)}`,
    `  transcripts: ${transcripts.compared} compared, ${transcripts.sameWords} with the same words, ${transcripts.equal} of them to the letter`,
  ];
  for (const { turn, revision, logged, again } of transcripts.different)
    lines.push(
      `    turn ${turn}, revision ${revision}: logged “${logged}”, ${again === undefined ? 'now none' : `now “${again}”`}`,
    );
  return lines.join('\n');
}

function largestText(difference: Difference | undefined): string {
  if (!difference) return '';
  const { atMs, logged, again } = difference;
  return `; the largest difference is ${Math.abs(logged - again).toFixed(3)}, at ${(atMs / 1_000).toFixed(2)} s (${logged.toFixed(3)}, now ${again.toFixed(3)})`;
}
