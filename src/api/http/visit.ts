import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access, Scope, Usage, Visit } from '../../platform/access/access.js';
import { UsageCount } from '../../platform/access/usage-count.js';
import { ParleyError } from '../../ports/errors.js';
import { assertOwnPage } from '../access/credentials.js';
import { requestLimits } from './limits.js';

/** Who comes in, and where what goes wrong unseen is told. */
export type Door = {
  readonly access: Access;
  readonly onFault: (error: unknown) => void;
};

export type EnterRequest = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly door: Door;
  readonly scope: Scope | 'any';
  /** What the client has sent, from wherever its dialect has it. */
  readonly credentials: readonly string[];
};

/** A request that was let in. */
export class RequestVisit {
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  readonly #enter: EnterRequest;
  readonly #visit: Visit;
  readonly #usage = new UsageCount();
  #streaming = false;

  constructor(enter: EnterRequest, visit: Visit) {
    this.#enter = enter;
    this.#visit = visit;
    const abort = new AbortController();
    const { raw } = enter.reply;
    const gone = new ParleyError('The client has closed its connection.', { code: 'http.client_gone', status: 499 });
    raw.once('close', () => abort.abort(gone));
    this.signal = abort.signal;
    enter.request.raw.socket.setTimeout(requestLimits.answerMs);
  }

  /** Whose request this is; undefined where nobody is asked for a key. */
  get keyId(): string | undefined {
    return this.#visit.keyId;
  }

  /** Adds to what this request has used. */
  count(usage: Usage): void {
    this.#usage.add(usage);
  }

  /**
   * Sends chunks as they come, no faster than the client reads. Nothing is sent before the first one is there: what goes
   * wrong until then is answered with a status.
   */
  async stream(chunks: AsyncIterable<Uint8Array | string>): Promise<FastifyReply> {
    const iterator = chunks[Symbol.asyncIterator]();
    const first = await iterator.next();
    this.#streaming = true;
    const leave = (): void => this.#leave();
    const { onFault } = this.#enter.door;
    const { signal } = this;
    const body = async function* (): AsyncGenerator<Uint8Array | string, void, undefined> {
      try {
        if (!first.done) yield first.value;
        for (let next = first; !next.done; ) {
          next = await iterator.next();
          if (!next.done) yield next.value;
        }
      } catch (error) {
        if (!signal.aborted) onFault(error);
        throw error;
      } finally {
        await iterator.return?.();
        leave();
      }
    };
    this.#enter.request.raw.socket.setTimeout(requestLimits.streamIdleMs);
    return this.#enter.reply.send(Readable.from(body(), { objectMode: false, highWaterMark: 64 * 1024 }));
  }

  /** The answer is made; a stream leaves when it has ended. */
  done(): void {
    if (!this.#streaming) this.#leave();
  }

  #leave(): void {
    this.#visit.leave(this.#usage.take()).catch(this.#enter.door.onFault);
  }
}

/**
 * Lets a request in, does its work, and counts what it has used.
 * @throws ParleyError as `Access.enter`; `access.foreign_page` (403)
 */
export async function visiting<T>(enter: EnterRequest, work: (visit: RequestVisit) => Promise<T>): Promise<T> {
  const { request, door, credentials, scope } = enter;
  assertOwnPage(door.access, request.raw);
  const visit = new RequestVisit(enter, await door.access.enter(credentials, scope));
  try {
    return await work(visit);
  } finally {
    visit.done();
  }
}
