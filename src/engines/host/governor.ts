import { availableParallelism } from 'node:os';

/**
 * Kinds of work in the order in which they get cores. Voice activity is not here: it is so cheap (0.3 ms per 32 ms)
 * that it never waits.
 */
export const workKinds = [
  'stt-final',
  'end-of-turn',
  'tts-first',
  'llm-turn',
  'tts-later',
  'llm-decode',
  'stt-partial',
  'llm-partial',
  'job',
] as const;

export type WorkKind = (typeof workKinds)[number];

/** What a suspected end of the turn takes the cores from: nothing of this is needed for the answer. */
export const revocableKinds: readonly WorkKind[] = ['stt-partial', 'llm-partial', 'job'];

export type SliceOptions = {
  readonly kind: WorkKind;
  readonly signal: AbortSignal;
  /** Threads the work can use; it is given between one and this many. @defaultValue 1 */
  readonly maxThreads?: number;
  /**
   * Slices of one lane run one at a time: a host computes them one after another anyway, and a core that was leased to
   * the second would only wait. Which is next is decided when the lane is free, by kind.
   */
  readonly lane?: string;
};

/** Waits of urgent work that are looked back on, and for how long. */
const keptWaits = 12;
const lookBackMs = 20_000;

type Waiting = {
  readonly kind: WorkKind;
  readonly sinceMs: number;
  readonly rank: number;
  readonly maxThreads: number;
  readonly lane: string | undefined;
  readonly grant: (threads: number) => void;
};

/**
 * Leases cores to slices of work across all hosts. Queues inside a host cannot order work between hosts: this can.
 * A slice should take at most about 60 ms; long work asks again for each of its slices, which is where more urgent work
 * gets in.
 */
export class ComputeGovernor {
  readonly cores: number;
  #free: number;
  readonly #waiting: Waiting[] = [];
  readonly #busyLanes = new Set<string>();
  /** The urgency of the slice that has just left a lane. */
  readonly #leftLanes = new Map<string, number>();
  #holds = 0;
  readonly #busyMs = new Map<WorkKind, number>();
  readonly #waits: { readonly atMs: number; readonly waitedMs: number }[] = [];

  constructor(options: { readonly cores?: number } = {}) {
    this.cores = Math.max(1, options.cores ?? availableParallelism());
    this.#free = this.cores;
  }

  /** Runs `work` when cores are free for its kind. Rejects with the signal's reason if aborted while waiting. */
  async slice<T>(options: SliceOptions, work: (threads: number) => Promise<T>): Promise<T> {
    const threads = await this.#acquire(options);
    const startedAt = performance.now();
    try {
      return await work(threads);
    } finally {
      const spent = (performance.now() - startedAt) * threads;
      this.#busyMs.set(options.kind, (this.#busyMs.get(options.kind) ?? 0) + spent);
      this.#free += threads;
      if (options.lane !== undefined) this.#leaveLane(options.lane, workKinds.indexOf(options.kind));
      this.#grantNext();
    }
  }

  /** Whoever had the lane may ask for the next slice at once: less urgent work waits until that is known. */
  #leaveLane(lane: string, rank: number): void {
    this.#busyLanes.delete(lane);
    this.#leftLanes.set(lane, rank);
    setImmediate(() => {
      this.#leftLanes.delete(lane);
      this.#grantNext();
    });
  }

  /** Keeps cores from the revocable kinds until the returned function is called (idempotent). */
  hold(): () => void {
    this.#holds += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      this.#grantNext();
    };
  }

  /** Core-milliseconds leased so far, by kind. */
  usage(): Readonly<Partial<Record<WorkKind, number>>> {
    return Object.fromEntries(this.#busyMs);
  }

  /** How long urgent work has waited for a core lately: the mean of its last waits, 0 without any. */
  queueMs(): number {
    const sinceMs = performance.now() - lookBackMs;
    const recent = this.#waits.filter(({ atMs }) => atMs >= sinceMs);
    return recent.reduce((sum, { waitedMs }) => sum + waitedMs, 0) / Math.max(1, recent.length);
  }

  #acquire(options: SliceOptions): Promise<number> {
    const { signal } = options;
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return new Promise<number>((resolve, reject) => {
      const onAbort = (): void => {
        const index = this.#waiting.indexOf(entry);
        if (index >= 0) this.#waiting.splice(index, 1);
        reject(signal.reason as Error);
      };
      const entry: Waiting = {
        kind: options.kind,
        sinceMs: performance.now(),
        rank: workKinds.indexOf(options.kind),
        maxThreads: Math.max(1, Math.min(options.maxThreads ?? 1, this.cores)),
        lane: options.lane,
        grant: (threads) => {
          signal.removeEventListener('abort', onAbort);
          resolve(threads);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(entry);
      this.#grantNext();
    });
  }

  #noteWait({ kind, sinceMs }: Waiting): void {
    if (revocableKinds.includes(kind)) return;
    const atMs = performance.now();
    this.#waits.push({ atMs, waitedMs: atMs - sinceMs });
    if (this.#waits.length > keptWaits) this.#waits.shift();
  }

  #isKept(lane: string, rank: number): boolean {
    return this.#busyLanes.has(lane) || rank > (this.#leftLanes.get(lane) ?? rank);
  }

  #grantNext(): void {
    while (this.#free > 0) {
      let best: Waiting | undefined;
      for (const entry of this.#waiting) {
        if (this.#holds > 0 && revocableKinds.includes(entry.kind)) continue;
        if (entry.lane !== undefined && this.#isKept(entry.lane, entry.rank)) continue;
        if (!best || entry.rank < best.rank) best = entry;
      }
      if (!best) return;
      this.#waiting.splice(this.#waiting.indexOf(best), 1);
      const threads = Math.min(best.maxThreads, this.#free);
      this.#free -= threads;
      if (best.lane !== undefined) this.#busyLanes.add(best.lane);
      this.#noteWait(best);
      best.grant(threads);
    }
  }
}
