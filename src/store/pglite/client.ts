import { Worker } from 'node:worker_threads';
import { entryBeside } from '../../engines/host/entry.js';
import { ParleyError } from '../../ports/errors.js';
import { storeLimits } from '../limits.js';
import { closedError } from '../store-errors.js';
import type { PgliteFailure, PgliteInit, PgliteReply, PgliteRequest, PgliteResult } from './wire.js';

type Waiting = {
  readonly resolve: (result: PgliteResult) => void;
  readonly reject: (error: Error) => void;
  readonly late: NodeJS.Timeout;
};

type RowMode = { readonly rowMode?: 'array' | 'object' };

export type PgliteLimits = Readonly<Record<'openMs' | 'statementMs' | 'transactionMs', number>>;

/** One statement after the other. */
export type PgliteQueries = {
  query(text: string, values?: readonly unknown[], options?: RowMode): Promise<PgliteResult>;
};

/**
 * The embedded database, which runs in a worker thread so that no query holds up audio. It has one connection: a
 * transaction has it to itself, and what is asked meanwhile waits. When the worker dies or hangs, everything under way
 * fails, and the next request starts another one, which recovers what was acknowledged.
 */
export class PgliteClient implements PgliteQueries {
  readonly #folder: string;
  readonly #limits: PgliteLimits;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Promise<Worker> | undefined;
  /** The thread while it opens the database. */
  #opening: Worker | undefined;
  /** Counts workers: a transaction does not go on in the next one. */
  #generation = 0;
  /** Resolves when the connection is free. */
  #free: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  #closed = false;

  constructor(folder: string, limits: Partial<PgliteLimits> = {}) {
    this.#folder = folder;
    this.#limits = { ...storeLimits, ...limits };
  }

  /** Opens the database, or makes it. @throws ParleyError `store.damaged`, `store.unavailable` */
  async start(): Promise<void> {
    this.#worker ??= this.#launch();
    await this.#worker;
  }

  query(text: string, values: readonly unknown[] = [], options: RowMode = {}): Promise<PgliteResult> {
    return this.#alone(() => this.#ask(text, values, options));
  }

  /** Runs statements as one transaction: committed when `work` resolves, else rolled back. */
  transaction<T>(work: (tx: PgliteQueries) => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      await this.start();
      const generation = this.#generation;
      let over: Error | undefined;
      const ask: PgliteQueries['query'] = async (text, values = [], options = {}) => {
        if (over) throw over;
        if (generation !== this.#generation) throw goneError('it has ended');
        return this.#ask(text, values, options);
      };
      await ask('begin');
      try {
        const result = await withDeadline(work({ query: ask }), this.#limits.transactionMs);
        await ask('commit');
        return result;
      } catch (error) {
        // Of a worker that is gone nothing remains that could be rolled back.
        if (generation === this.#generation) await this.#ask('rollback', [], {}).catch(() => {});
        throw error;
      } finally {
        over = new ParleyError('This transaction is over.', { code: 'store.transaction_over' });
      }
    });
  }

  /** Idempotent. A database that is still being opened is left: it is opened the next time. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#opening?.terminate();
    const worker = await this.#worker?.catch(() => undefined);
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    // What was asked before is answered before.
    worker.postMessage('close');
    const late = setTimeout(() => void worker.terminate(), this.#limits.statementMs);
    await ended;
    clearTimeout(late);
  }

  /** Has the connection when its turn comes. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#free.then(work);
    this.#free = done.catch(() => {});
    return done;
  }

  async #ask(text: string, values: readonly unknown[], { rowMode = 'object' }: RowMode): Promise<PgliteResult> {
    if (this.#closed) throw closedError();
    this.#worker ??= this.#launch();
    const worker = await this.#worker;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // There is one thread, which nothing but its end can stop.
      const late = setTimeout(() => void worker.terminate(), this.#limits.statementMs);
      this.#waiting.set(id, { resolve, reject, late });
      worker.postMessage({ id, text, values, rowMode } satisfies PgliteRequest);
    });
  }

  #launch(): Promise<Worker> {
    const workerData: PgliteInit = { folder: this.#folder };
    const worker = new Worker(entryBeside(import.meta.url, 'worker'), { workerData, stdout: true, stderr: true });
    // What PostgreSQL writes comes in the message of a failure; read, so that it is not kept.
    worker.stdout.resume();
    worker.stderr.resume();
    this.#opening = worker;
    this.#generation += 1;
    const started = new Promise<Worker>((resolve, reject) => {
      const late = setTimeout(() => void worker.terminate(), this.#limits.openMs);
      worker.on('message', (message: PgliteReply) => {
        if (message.type === 'ready') {
          clearTimeout(late);
          this.#opening = undefined;
          resolve(worker);
        } else if (message.type === 'unusable') {
          reject(this.#damagedError(message.detail));
          void worker.terminate();
        } else this.#settle(message);
      });
      let detail = '';
      worker.on('error', (error) => {
        detail = error.message;
      });
      worker.on('exit', (code) => {
        clearTimeout(late);
        this.#opening = undefined;
        const why = detail || `code ${code}`;
        reject(this.#closed ? closedError() : this.#damagedError(`the worker ended while it opened it (${why})`));
        this.#onGone(goneError(why));
      });
    });
    // Whoever asks for something sees the failure.
    started.catch(() => {});
    return started;
  }

  #onGone(error: ParleyError): void {
    this.#worker = undefined;
    this.#generation += 1;
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.late);
      waiting.reject(error);
    }
    this.#waiting.clear();
  }

  #settle(message: Extract<PgliteReply, { id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.late);
    if (message.type === 'result') waiting.resolve(message.result);
    else waiting.reject(new PgliteError(message.failure));
  }

  #damagedError(detail: string): ParleyError {
    return new ParleyError(
      `The database in ${this.#folder} cannot be opened: ${detail}. Restore the folder from a backup, or move it away to begin with an empty one.`,
      { code: 'store.damaged' },
    );
  }
}

/** As the driver of a PostgreSQL server would throw it. */
class PgliteError extends Error {
  readonly code: string | undefined;

  constructor({ message, code }: PgliteFailure) {
    super(message);
    this.name = new.target.name;
    this.code = code;
  }
}

async function withDeadline<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => {
      reject(new ParleyError(`A transaction took more than ${limitMs} ms.`, { code: 'store.transaction_over' }));
    }, limitMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(late);
  }
}

function goneError(detail: string): ParleyError {
  return new ParleyError(`The worker of the database is gone (${detail}); the next request starts another one.`, {
    code: 'store.unavailable',
    retryable: true,
    status: 503,
  });
}
