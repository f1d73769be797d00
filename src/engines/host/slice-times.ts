/** Slices looked back on. */
const kept = 15;
/** A slice that takes this many times the usual has not merely met a busy machine. */
const patience = 10;

/** What each operation of a host has cost lately, so that a slow machine is not taken for a hanging host. */
export class SliceTimes {
  readonly #recent = new Map<string, number[]>();

  note(op: string, tookMs: number): void {
    const times = this.#recent.get(op) ?? [];
    times.push(tookMs);
    if (times.length > kept) times.shift();
    this.#recent.set(op, times);
  }

  /** @returns `leastMs`, or more where the operation has been slow: ten times its median */
  deadlineMs(op: string, leastMs: number): number {
    const sorted = [...(this.#recent.get(op) ?? [])].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    return Math.max(leastMs, patience * median);
  }
}
