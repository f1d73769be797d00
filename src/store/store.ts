import { existsSync } from 'node:fs';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { ParleyError } from '../ports/errors.js';
import { databaseFolder } from './database-folder.js';
import { storeLimits } from './limits.js';
import { migrate } from './migrate.js';
import type * as schema from './schema.js';
import { closedError, storeError } from './store-errors.js';

/** What queries are made with: the same for both drivers. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

/** An open database, which its driver has connected. */
export type Connected = {
  readonly db: Db;
  close(): Promise<void>;
};

export type StoreOptions = {
  /** PostgreSQL. Undefined: the embedded database in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** The embedded database is in its folder `db`. */
  readonly dataDir: string;
  /** What a connection or the embedded database reports of itself. */
  readonly onEvent?: (event: StoreEvent) => void;
};

export type StoreEvent =
  | { readonly type: 'opened'; readonly migrations: readonly string[]; readonly tookMs: number }
  | { readonly type: 'failed'; readonly detail: string };

/**
 * The database: PostgreSQL where there is a URL, else the embedded one. It opens with the first `use` or `open`, brings the
 * schema to the newest version, and tries again with a later one when it could not be opened.
 *
 * A row that a resolved `use` has written survives the end of this process, and of the machine, at any moment.
 */
export class Store {
  readonly #options: StoreOptions;
  readonly #stop = new AbortController();
  #opening: Promise<Connected> | undefined;
  #failure: { readonly error: ParleyError; readonly atMs: number } | undefined;
  #closing: Promise<void> | undefined;
  #inUse = 0;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** Whether there may be something in it: without a URL, whether the embedded database has been made. */
  get exists(): boolean {
    const { databaseUrl, dataDir } = this.#options;
    return databaseUrl !== undefined || existsSync(databaseFolder(dataDir));
  }

  /**
   * Opens it, which makes the embedded database if there is none.
   * @throws ParleyError `store.locked`, `store.newer`, `store.damaged`, `store.unavailable` (retryable), `store.failed`
   */
  async open(): Promise<void> {
    await this.#connected();
  }

  /**
   * Does something with the database. Inside a transaction everything goes through it: the embedded database has one
   * connection, so whatever does not would wait for the transaction to end.
   * @throws ParleyError what `open` throws; `store.busy` (retryable); `store.failed`; what `work` throws
   */
  async use<T>(work: (db: Db) => Promise<T>): Promise<T> {
    if (this.#inUse >= storeLimits.maxWaiting) throw busyError();
    this.#inUse += 1;
    try {
      const { db } = await this.#connected();
      return await work(db);
    } catch (error) {
      throw storeError(error);
    } finally {
      this.#inUse -= 1;
    }
  }

  /** Idempotent. What is under way fails. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    const connected = await this.#opening?.catch(() => undefined);
    await connected?.close();
  }

  async #connected(): Promise<Connected> {
    if (this.#closing) throw closedError();
    const failed = this.#failure;
    if (failed && performance.now() - failed.atMs < storeLimits.reopenMs) throw failed.error;
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<Connected> {
    const { databaseUrl, dataDir, onEvent = () => {} } = this.#options;
    const startedAt = performance.now();
    let connected: Connected | undefined;
    try {
      connected = await connect(databaseUrl, databaseFolder(dataDir), { onEvent, signal: this.#stop.signal });
      const applied = await migrate(connected.db);
      this.#failure = undefined;
      onEvent({ type: 'opened', migrations: applied, tookMs: performance.now() - startedAt });
      return connected;
    } catch (cause) {
      const error = storeError(cause);
      this.#opening = undefined;
      this.#failure = { error, atMs: performance.now() };
      await connected?.close();
      if (!this.#closing) onEvent({ type: 'failed', detail: error.message });
      throw error;
    }
  }
}

function busyError(): ParleyError {
  return new ParleyError(`${storeLimits.maxWaiting} requests wait for the database; try again later.`, {
    code: 'store.busy',
    retryable: true,
    status: 503,
  });
}

/** Each driver is loaded where it is used: the other one would only take memory. */
async function connect(
  databaseUrl: string | undefined,
  folder: string,
  { onEvent, signal }: { readonly onEvent: (event: StoreEvent) => void; readonly signal: AbortSignal },
): Promise<Connected> {
  const onFault = (error: Error): void => onEvent({ type: 'failed', detail: error.message });
  if (databaseUrl !== undefined) {
    const { connectPostgres } = await import('./postgres.js');
    return connectPostgres(databaseUrl, onFault);
  }
  const { connectPglite } = await import('./pglite/connect.js');
  return connectPglite(folder, { onFault, signal });
}
