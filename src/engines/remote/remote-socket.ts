import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { ParleyError } from '../../ports/errors.js';
import { EventQueue } from '../../ports/event-queue.js';
import { remoteLimits } from './limits.js';
import { cutOff, late, refusalError, retryAfterMs, rubbish, unreachable } from './refusals.js';
import type { RemoteApi } from './remote-api.js';

export type SocketRequest = {
  readonly path: string;
  readonly query?: Iterable<readonly [string, string]>;
  readonly protocols?: readonly string[];
  readonly signal: AbortSignal;
};

/** Text, or bytes. */
export type SocketMessage = string | Buffer;

/**
 * A socket to a remote service. Its messages end when it closes as agreed, and fail with `remote.cut_off` when it closes
 * for another cause. Aborting the signal breaks it off at once.
 */
export class RemoteSocket {
  readonly messages: EventQueue<SocketMessage>;
  readonly #api: RemoteApi;
  readonly #socket: WebSocket;
  readonly #signal: AbortSignal;
  readonly #pinging: NodeJS.Timeout;
  readonly #onAbort: () => void;
  #answered = true;
  #closing = false;

  private constructor(api: RemoteApi, socket: WebSocket, signal: AbortSignal) {
    this.#api = api;
    this.#socket = socket;
    this.#signal = signal;
    this.messages = new EventQueue<SocketMessage>(signal, remoteLimits.maxMessages);
    this.#onAbort = () => socket.terminate();
    signal.addEventListener('abort', this.#onAbort, { once: true });
    socket.on('message', (data: Buffer, binary: boolean) => this.messages.push(binary ? data : data.toString('utf8')));
    socket.on('pong', () => {
      this.#answered = true;
    });
    // 'close' follows.
    socket.on('error', (error) => this.messages.fail(cutOff(api.provider, error.message, error)));
    socket.once('close', (code: number, reason: Buffer) => this.#closed(code, reason.toString('utf8')));
    this.#pinging = setInterval(() => this.#ping(), remoteLimits.pingIntervalMs);
  }

  /** @throws ParleyError `remote.*`; the signal's reason */
  static open(api: RemoteApi, request: SocketRequest): Promise<RemoteSocket> {
    const { signal, path, query, protocols = [] } = request;
    const { firstByteMs } = api.deadlines;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const url = api.address(path, query);
      url.protocol = url.protocol.replace(/^http/, 'ws');
      const socket = new WebSocket(url, [...protocols], {
        headers: api.headers(),
        maxPayload: remoteLimits.maxEventBytes,
        perMessageDeflate: false,
      });
      const settle = (error: Error | undefined): void => {
        disarm();
        signal.removeEventListener('abort', onAbort);
        socket.removeAllListeners('unexpected-response');
        socket.removeAllListeners('open');
        socket.removeAllListeners('error');
        if (!error) {
          resolve(new RemoteSocket(api, socket, signal));
          return;
        }
        // What it still has to say about being broken off is no news.
        socket.on('error', () => {});
        socket.terminate();
        reject(error);
      };
      const onAbort = (): void => settle(signal.reason as Error);
      const disarm = api.clock.at(api.clock.nowMs() + firstByteMs, () =>
        settle(late(api.provider, 'nothing', firstByteMs)),
      );
      signal.addEventListener('abort', onAbort, { once: true });
      socket.once('open', () => settle(undefined));
      socket.once('error', (error) => settle(unreachable(api.provider, error)));
      socket.once('unexpected-response', (_request, response: IncomingMessage) => {
        void refusalOf(api, response).then(settle, (error: unknown) => settle(unreachable(api.provider, error)));
      });
    });
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN && !this.#closing;
  }

  /** Sends a message, or gives the connection up when the service does not read. Nothing happens after the end. */
  send(message: SocketMessage): void {
    if (!this.open) return;
    this.#socket.send(message);
    if (this.#socket.bufferedAmount <= remoteLimits.maxUnsentBytes) return;
    this.fail(cutOff(this.#api.provider, `it did not read ${remoteLimits.maxUnsentBytes} bytes`));
  }

  sendJson(value: unknown): void {
    this.send(JSON.stringify(value));
  }

  /** Breaks the connection off for this reason. */
  fail(error: ParleyError): void {
    this.messages.fail(error);
    this.#socket.terminate();
  }

  /** Idempotent. What the service still sends is not waited for. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.messages.end();
    this.#release();
    this.#socket.close(1000);
    const giveUp = setTimeout(() => this.#socket.terminate(), 1_000);
    this.#socket.once('close', () => clearTimeout(giveUp));
  }

  #closed(code: number, reason: string): void {
    this.#release();
    if (code === 1000 || this.#closing) {
      this.messages.end();
      return;
    }
    const said = reason === '' ? '' : ` (${this.#api.masked(reason)})`;
    this.messages.fail(cutOff(this.#api.provider, `it closed the connection with ${code}${said}`));
  }

  #release(): void {
    clearInterval(this.#pinging);
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  #ping(): void {
    if (!this.#answered) this.fail(cutOff(this.#api.provider, 'it answered no ping'));
    this.#answered = false;
    if (this.open) this.#socket.ping();
  }
}

/** The JSON of a message. @throws ParleyError `remote.rubbish` */
export function readMessage(api: RemoteApi, message: SocketMessage): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = typeof message === 'string' ? JSON.parse(message) : undefined;
  } catch {
    // Told below.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  const found = typeof message === 'string' ? `"${message.slice(0, 80)}"` : `${message.byteLength} bytes`;
  throw rubbish(api.provider, `expected a JSON object, found ${api.masked(found)}`);
}

async function refusalOf(api: RemoteApi, response: IncomingMessage): Promise<ParleyError> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    parts.push(chunk);
    length += chunk.byteLength;
    if (length >= remoteLimits.maxRefusalBytes) break;
  }
  return refusalError({
    provider: api.provider,
    status: response.statusCode ?? 0,
    body: api.masked(Buffer.concat(parts).toString('utf8')),
    retryAfterMs: retryAfterMs(response.headers['retry-after'], Date.now()),
    keyVariable: api.key?.variable,
  });
}
