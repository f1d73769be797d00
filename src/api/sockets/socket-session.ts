import type { IncomingHttpHeaders } from 'node:http';
import type { WebSocket } from 'ws';
import { BoundedSocket, closeCodes } from '../../channels/socket/bounded-socket.js';
import type { Usage, Visit } from '../../platform/access/access.js';
import { UsageCount } from '../../platform/access/usage-count.js';
import { ParleyError } from '../../ports/errors.js';
import { Inbox, type SocketMessage } from './inbox.js';
import type { SocketLimits } from './limits.js';

export type IdleClose = { readonly code: number; readonly reason: string };

export type SocketSessionOptions = {
  readonly id: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly visit: Visit;
  readonly limits: SocketLimits;
  readonly idleClose?: IdleClose | undefined;
  readonly onFault: (error: unknown) => void;
};

/** One client on a socket, let in and bounded: what a dialect works with. */
export class SocketSession {
  /** Unique; the same as of a refusal. */
  readonly id: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly visit: Visit;
  /** Aborts when no more messages come or go. */
  readonly signal: AbortSignal;
  /** What the client sends, one at a time and in order, for one reader; ends with the connection. */
  readonly messages: AsyncIterable<SocketMessage>;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  readonly #limits: SocketLimits;
  readonly #socket: BoundedSocket;
  readonly #usage = new UsageCount();
  readonly #counting: NodeJS.Timeout;
  #idle: NodeJS.Timeout;

  constructor(webSocket: WebSocket, options: SocketSessionOptions) {
    const { limits, visit, onFault } = options;
    this.id = options.id;
    this.url = options.url;
    this.headers = options.headers;
    this.visit = visit;
    this.#limits = limits;
    const abort = new AbortController();
    this.signal = abort.signal;
    const inbox = new Inbox({
      maxMessages: limits.maxWaitingMessages,
      maxBytes: limits.maxWaitingBytes,
      onBackPressure: (full) => this.#socket.hold(full),
    });
    this.messages = inbox;
    this.#idle = this.#armIdle(inbox, options.idleClose);
    this.#counting = setInterval(() => {
      if (this.#usage.any) visit.use(this.#usage.take()).catch(onFault);
    }, limits.countEveryMs);
    this.#socket = new BoundedSocket(webSocket, {
      maxBufferedBytes: limits.maxBufferedBytes,
      pingIntervalMs: limits.pingIntervalMs,
      closeTimeoutMs: limits.closeTimeoutMs,
      maxMessagesPerSecond: limits.maxMessagesPerSecond,
      onMessage: (data, isBinary) => {
        this.#idle.refresh();
        if (!inbox.push(isBinary ? data : data.toString('utf8')))
          this.close(closeCodes.tooBig, `more than ${limits.maxWaitingBytes} bytes wait to be dealt with`);
      },
      onEnd: (reason) => {
        clearTimeout(this.#idle);
        inbox.end();
        abort.abort(new ParleyError(`The socket has ended: ${reason}.`, { code: 'socket.ended', status: 499 }));
      },
    });
    this.closed = this.#socket.closed;
  }

  /** Sends text or bytes. A client that reads too slowly is closed with 1008; nothing happens after the end. */
  send(data: string | Uint8Array): void {
    this.#idle.refresh();
    this.#socket.send(data);
  }

  sendJson(message: object): void {
    this.send(JSON.stringify(message));
  }

  /**
   * Resolves when the client has read most of what was sent, or the connection has ended: for whoever can make more faster
   * than it is read. A client that reads nothing for too long is closed with 1008.
   */
  async room(): Promise<void> {
    const { readTimeoutMs } = this.#limits;
    const late = setTimeout(
      () => this.close(closeCodes.policyViolation, `what was sent was not read within ${readTimeoutMs} ms`),
      readTimeoutMs,
    );
    await this.#socket.room();
    clearTimeout(late);
  }

  /** Adds to what this session has used; it is counted from time to time, and at the end. */
  count(usage: Usage): void {
    this.#usage.add(usage);
  }

  /** Ends the session with a code of RFC 6455 §7.4.1 or of the application. Idempotent. */
  close(code: number = closeCodes.normal, reason = ''): void {
    this.#socket.close(code, reason);
  }

  /** Ends the session for an error; what went wrong inside is not told. */
  fail(error: unknown): void {
    this.close(closeCodeOf(error), ParleyError.isInstance(error) ? error.message : 'A fault of the server.');
  }

  /** The visit is over. @param served resolves when the dialect does nothing more; it is not waited for for ever */
  async leave(served: Promise<unknown>): Promise<void> {
    clearInterval(this.#counting);
    await Promise.race([served, new Promise((resolve) => setTimeout(resolve, this.#limits.closeTimeoutMs).unref())]);
    await this.visit.leave(this.#usage.take());
  }

  /** Whoever waits for work to be done says nothing meanwhile. */
  #armIdle(inbox: Inbox, told?: IdleClose): NodeJS.Timeout {
    const { idleMs } = this.#limits;
    const { code = closeCodes.policyViolation, reason = `nothing was sent for ${idleMs} ms` } = told ?? {};
    return setTimeout(() => {
      if (inbox.starved) this.close(code, reason);
      else this.#idle.refresh();
    }, idleMs);
  }
}

/** What ends a session, as a close code: wrong requests, overload that passes, faults. */
export function closeCodeOf(error: unknown): number {
  if (!ParleyError.isInstance(error)) return closeCodes.internalError;
  if (error.retryable) return closeCodes.tryAgainLater;
  if (error.status === 413) return closeCodes.tooBig;
  return error.status < 500 ? closeCodes.policyViolation : closeCodes.internalError;
}
