/** What became of one expectation. */
export type Verdict = {
  /** Index of the step in the scenario; undefined for an expectation of the whole call. */
  readonly step: number | undefined;
  /** What was expected, in words. */
  readonly expected: string;
  /** Undefined where a call of this kind cannot show it, or is not to be judged by it. */
  readonly met: boolean | undefined;
  /** What was seen instead, or with it. */
  readonly seen: string;
};

/** Verdicts of a scenario that repeats its steps: one for each expectation, with how often it was met. */
export function gathered(verdicts: readonly Verdict[]): Verdict[] {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const key = `${verdict.step}:${verdict.expected}`;
    groups.set(key, [...(groups.get(key) ?? []), verdict]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group as [Verdict];
    if (group.length === 1) return first;
    const failed = group.filter(({ met }) => met === false);
    const [worst = first] = failed;
    const times = `${group.length - failed.length} of ${group.length} times`;
    return { ...worst, seen: failed.length === 0 ? times : `${times}; first not: ${worst.seen}` };
  });
}
