import { randomUUID } from 'node:crypto';
import { lt, sql } from 'drizzle-orm';
import { ParleyError } from '../../ports/errors.js';
import { usageHours, usageWriters } from '../../store/schema.js';
import type { Store } from '../../store/store.js';
import type { Scope, Usage } from '../access/access.js';

export const usageLimits = {
  /** Who waits for usage to be stored waits no longer. */
  storeWithinMs: 10_000,
  /** A batch that could not be written is tried again after this, then after twice as long, up to the longest. */
  firstRetryMs: 200,
  longestRetryMs: 10_000,
  /** The last batch, when the server ends. */
  closeWithinMs: 5_000,
} as const;

const hourMs = 3_600_000;
/** Servers that have not written for this long have ended; nothing of theirs will be tried again. */
const writerKeptMs = 7 * 24 * hourMs;

type Cell = { keyId: string; hour: Date; scope: string; requests: number } & Required<Usage>;

/** Usage that is written together, and those who wait for it. */
type Batch = {
  readonly cells: Map<string, Cell>;
  readonly stored: Promise<void>;
  readonly settle: (error?: ParleyError) => void;
};

/**
 * Adds up what is used and writes it, one batch at a time: what comes while one is being written is added to the next, so
 * memory grows with keys, not with requests, however slow the database is. A batch is written once, even when the database
 * took it and the answer was lost.
 */
export class UsageWriter {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #onFault: (error: ParleyError) => void;
  readonly #id = randomUUID();
  #number = 0;
  #next: Batch | undefined;
  #running: Promise<void> | undefined;
  /** Why the last attempt has failed; undefined when it has not. */
  #failure: ParleyError | undefined;
  #wake: () => void = () => {};
  #closing = false;

  constructor(options: {
    readonly store: Store;
    /** @defaultValue `Date.now` */
    readonly now?: () => number;
    /** A batch could not be written; it is tried again. */
    readonly onFault?: (error: ParleyError) => void;
  }) {
    this.#store = options.store;
    this.#now = options.now ?? Date.now;
    this.#onFault = options.onFault ?? (() => {});
  }

  /**
   * Counts usage of a key. Resolves when it is stored.
   * @throws ParleyError `usage.not_stored`, when the database does not take it; it stays counted, and is tried
   * again until this process ends. Needs no handler.
   */
  add(keyId: string, scope: Scope | 'any', usage: Usage, requests: number): Promise<void> {
    const batch = this.#batch();
    const hour = new Date(Math.floor(this.#now() / hourMs) * hourMs);
    const name = `${keyId} ${hour.getTime()} ${scope}`;
    const cell = batch.cells.get(name) ?? { keyId, hour, scope, requests: 0, ...nothing };
    batch.cells.set(name, { ...cell, requests: cell.requests + requests, ...sum(cell, usage) });
    this.#running ??= this.#run();
    // The database is known not to take it: nobody is kept waiting to hear that again.
    const answer = this.#failure ? Promise.reject(notStored(this.#failure)) : inTime(batch.stored);
    answer.catch(() => {});
    return answer;
  }

  /** Writes what is still to be written, for some seconds at most. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#wake();
    await this.#running;
  }

  #batch(): Batch {
    if (this.#next) return this.#next;
    let settle: Batch['settle'] = () => {};
    const stored = new Promise<void>((resolve, reject) => {
      settle = (error) => (error ? reject(error) : resolve());
    });
    stored.catch(() => {});
    this.#next = { cells: new Map(), stored, settle };
    return this.#next;
  }

  async #run(): Promise<void> {
    // What comes in this turn of the event loop is one batch.
    await undefined;
    for (let batch = this.#next; batch; batch = this.#next) {
      this.#next = undefined;
      this.#number += 1;
      await this.#writeInTheEnd(batch, this.#number);
    }
    this.#running = undefined;
  }

  async #writeInTheEnd(batch: Batch, number: number): Promise<void> {
    let closeAt: number | undefined;
    for (
      let retryMs: number = usageLimits.firstRetryMs;
      ;
      retryMs = Math.min(2 * retryMs, usageLimits.longestRetryMs)
    ) {
      try {
        await this.#write([...batch.cells.values()], number);
        this.#failure = undefined;
        batch.settle();
        return;
      } catch (cause) {
        const error = notStored(cause);
        if (!this.#failure) this.#onFault(error);
        this.#failure = error;
        // Waiting will not mend it; the batch is kept all the same.
        if (!error.retryable) batch.settle(error);
        if (this.#closing) closeAt ??= performance.now() + (error.retryable ? usageLimits.closeWithinMs : 0);
        if (closeAt !== undefined && performance.now() >= closeAt) {
          this.#onFault(error);
          batch.settle(error);
          return;
        }
      }
      await this.#pause(this.#closing ? usageLimits.firstRetryMs : retryMs);
    }
  }

  /** Ends early when the server does. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      if (this.#closing) return;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #write(cells: readonly Cell[], number: number): Promise<void> {
    const writtenAt = new Date(this.#now());
    // The same order everywhere: two servers never wait for each other's rows.
    const rows = [...cells].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    await this.#store.use((db) =>
      db.transaction(async (tx) => {
        if (number === 1)
          await tx.delete(usageWriters).where(lt(usageWriters.writtenAt, new Date(writtenAt.getTime() - writerKeptMs)));
        const first = await tx
          .insert(usageWriters)
          .values({ id: this.#id, lastBatch: number, writtenAt })
          .onConflictDoUpdate({
            target: usageWriters.id,
            set: { lastBatch: number, writtenAt },
            setWhere: lt(usageWriters.lastBatch, number),
          })
          .returning({ id: usageWriters.id });
        // It was stored, and only the answer did not come.
        if (first.length === 0) return;
        await tx
          .insert(usageHours)
          .values(rows)
          .onConflictDoUpdate({ target: [usageHours.keyId, usageHours.hour, usageHours.scope], set: added });
      }),
    );
  }
}

const nothing: Required<Usage> = {
  audioInSeconds: 0,
  audioOutSeconds: 0,
  characters: 0,
  inputTokens: 0,
  outputTokens: 0,
};

/** The row that is there, plus the one that comes. */
const added = {
  requests: sql`${usageHours.requests} + excluded.requests`,
  audioInSeconds: sql`${usageHours.audioInSeconds} + excluded.audio_in_seconds`,
  audioOutSeconds: sql`${usageHours.audioOutSeconds} + excluded.audio_out_seconds`,
  characters: sql`${usageHours.characters} + excluded.characters`,
  inputTokens: sql`${usageHours.inputTokens} + excluded.input_tokens`,
  outputTokens: sql`${usageHours.outputTokens} + excluded.output_tokens`,
};

function sum(one: Required<Usage>, other: Usage): Required<Usage> {
  return {
    audioInSeconds: one.audioInSeconds + amount(other.audioInSeconds),
    audioOutSeconds: one.audioOutSeconds + amount(other.audioOutSeconds),
    characters: one.characters + Math.round(amount(other.characters)),
    inputTokens: one.inputTokens + Math.round(amount(other.inputTokens)),
    outputTokens: one.outputTokens + Math.round(amount(other.outputTokens)),
  };
}

/** One amount that is no number would spoil the whole hour of its key. */
function amount(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : 0;
}

function nameOf({ keyId, hour, scope }: Cell): string {
  return `${keyId} ${hour.toISOString()} ${scope}`;
}

async function inTime(stored: Promise<void>): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => reject(notStored(undefined)), usageLimits.storeWithinMs);
    late.unref();
  });
  try {
    await Promise.race([stored, deadline]);
  } finally {
    clearTimeout(late);
  }
}

function notStored(cause: unknown): ParleyError {
  const why =
    cause instanceof Error ? cause.message : `the database has not answered within ${usageLimits.storeWithinMs} ms`;
  return new ParleyError(`Usage is counted but not stored yet: ${why}`, {
    code: 'usage.not_stored',
    retryable: !ParleyError.isInstance(cause) || cause.retryable,
    status: 503,
    cause,
  });
}
