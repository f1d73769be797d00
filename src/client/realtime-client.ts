import { ParleyError } from '../audio/error.js';
import type { ClientEvent } from './client-events.js';
import { readServerEvent } from './read-server-event.js';
import { Resumption } from './resumption.js';
import type { ServerEvent, SessionView } from './server-events.js';
import type { OpenSocket, SocketLike } from './socket-like.js';

export type RealtimeClientOptions = {
  /** `ws://HOST:PORT/v1/realtime?model=parley`, or `wss:`. */
  readonly url: string;
  /** A key travels as a subprotocol, since browsers cannot set headers. */
  readonly apiKey?: string;
  /** @defaultValue the global `WebSocket`. Node 20 has none: give it one made with `ws`. */
  readonly openSocket?: OpenSocket;
  /** Gets every event in order, at the moment of its arrival, `session.created` included. */
  readonly onEvent?: (event: ServerEvent) => void;
  /**
   * Whether a connection that is lost is resumed by itself, with the session as it was. Meanwhile audio that is sent is
   * dropped, and other events wait. @defaultValue false
   */
  readonly resume?: boolean;
  /** Told when the connection is lost, and when it is resumed. */
  readonly onConnection?: (state: 'lost' | 'resumed') => void;
  /** From the call to `session.created`. @defaultValue 10000 */
  readonly connectTimeoutMs?: number;
  /** Gives up connecting; once connected it is `close()` that ends the connection. */
  readonly signal?: AbortSignal;
};

/** How a connection ended: by our own `close()`, or not. */
export type ConnectionEnd =
  | { readonly by: 'client' }
  | { readonly by: 'server'; readonly code: number; readonly reason: string; readonly error: ParleyError };

export type RealtimeClient = {
  /** As in `session.created`. */
  readonly session: SessionView;
  /** Resolves when the connection is over; never rejects. */
  readonly ended: Promise<ConnectionEnd>;
  /** @throws ParleyError after the end, with its cause; `client.backlog` when the server has stopped reading. */
  send(event: ClientEvent): void;
  /** Adds a listener and returns what removes it. */
  subscribe(listener: (event: ServerEvent) => void): () => void;
  /** Closes the connection and waits for the server to agree, at most two seconds. Idempotent. */
  close(): Promise<void>;
};

const defaultConnectTimeoutMs = 10_000;
const closeTimeoutMs = 2_000;
/** A minute of base64 audio. A server that far behind reads no more. */
const largestBacklogBytes = 4 * 1024 ** 2;

function openGlobalSocket(url: string, protocols: readonly string[]): SocketLike {
  const Socket = (globalThis as { WebSocket?: new (url: string, protocols: string[]) => SocketLike }).WebSocket;
  if (Socket === undefined) {
    throw new ParleyError('This runtime has no WebSocket: pass openSocket, for example one that uses the package ws.', {
      code: 'client.no_websocket',
    });
  }
  return new Socket(url, [...protocols]);
}

/**
 * Connects to a realtime endpoint and resolves when the server has opened the session.
 *
 * @throws ParleyError `client.refused` when there is no connection or the server closes it again, `client.timeout`,
 * `client.aborted`, `client.bad_url`, `client.protocol` for messages that are not realtime events.
 */
export function connectRealtime(options: RealtimeClientOptions): Promise<RealtimeClient> {
  const { url, signal, connectTimeoutMs = defaultConnectTimeoutMs } = options;
  // Without a key nothing is offered: a server that picks none of the protocols offered would be refused by the socket.
  const protocols = options.apiKey === undefined ? [] : ['realtime', `openai-insecure-api-key.${options.apiKey}`];
  const listeners = new Set<(event: ServerEvent) => void>();
  if (options.onEvent) listeners.add(options.onEvent);

  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw aborted();
    const resumption = options.resume ? new Resumption(url) : undefined;
    const openSocket = options.openSocket ?? openGlobalSocket;
    let socket = open(openSocket, resumption?.firstUrl ?? url, protocols);
    let session: SessionView | undefined;
    let failure: ParleyError | undefined;
    let end: ConnectionEnd | undefined;
    let closing = false;
    let settleEnd: (end: ConnectionEnd) => void = () => {};
    const ended = new Promise<ConnectionEnd>((settle) => {
      settleEnd = settle;
    });

    const finish = (code: number, reason: string): void => {
      if (end) return;
      clearTimeout(connectTimer);
      resumption?.close();
      signal?.removeEventListener('abort', onAbort);
      const error = failure ?? closedBy(url, code, reason);
      end = closing && !failure ? { by: 'client' } : { by: 'server', code, reason, error };
      listeners.clear();
      if (!session) reject(error);
      settleEnd(end);
    };
    /** The first failure is the cause; what follows it is its echo. */
    const fail = (error: ParleyError): void => {
      failure ??= error;
      socket.close();
      finish(1006, '');
    };
    const onAbort = (): void => fail(aborted());
    const connectTimer = setTimeout(() => {
      fail(
        new ParleyError(
          `${url} did not open a session within ${connectTimeoutMs} ms; check that the server is ready.`,
          {
            code: 'client.timeout',
            retryable: true,
            status: 504,
          },
        ),
      );
    }, connectTimeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });

    const client = (opened: SessionView): RealtimeClient => ({
      session: opened,
      ended,
      send(event) {
        if (end?.by === 'server') throw end.error;
        if (end || closing) {
          throw new ParleyError(`Cannot send ${event.type}: the connection is closed.`, { code: 'client.closed' });
        }
        if (resumption?.lost) {
          resumption.keep(event);
          return;
        }
        if (socket.bufferedAmount > largestBacklogBytes) {
          const error = new ParleyError(
            `The server has not read ${socket.bufferedAmount} bytes that were sent; the connection was given up.`,
            { code: 'client.backlog', retryable: true },
          );
          fail(error);
          throw error;
        }
        socket.send(JSON.stringify(event));
      },
      subscribe(listener) {
        if (!end) listeners.add(listener);
        return () => listeners.delete(listener);
      },
      async close() {
        if (end) return;
        if (!closing) {
          closing = true;
          socket.close(1000, 'done');
        }
        if (resumption?.lost) finish(1006, '');
        const timer = setTimeout(() => finish(1006, ''), closeTimeoutMs);
        await ended;
        clearTimeout(timer);
      },
    });

    /** The connection is gone; with a token to resume it, another is tried. */
    const onLost = (code: number, reason: string): void => {
      if (end || closing || failure || !session || !resumption?.mayResume(code)) {
        finish(code, reason);
        return;
      }
      if (!resumption.lost) options.onConnection?.('lost');
      resumption.retry((again) => {
        if (end || closing) return;
        if (again === undefined) {
          socket.close();
          finish(code, reason);
        } else listenTo(open(openSocket, again, protocols));
      });
    };
    const onMessage = (data: unknown): void => {
      if (end) return;
      let event: ServerEvent;
      try {
        event = readServerEvent(data);
      } catch (error) {
        fail(ParleyError.isInstance(error) ? error : new ParleyError(String(error), { code: 'client.protocol' }));
        return;
      }
      if (resumption?.note(event)) {
        for (const waiting of resumption.takeKept()) socket.send(JSON.stringify(waiting));
        options.onConnection?.('resumed');
      }
      for (const listener of [...listeners]) listener(event);
      if (session || end) return;
      if (event.type === 'session.created') {
        session = event.session;
        clearTimeout(connectTimer);
        signal?.removeEventListener('abort', onAbort);
        resolve(client(session));
      } else if (event.type === 'error') {
        failure ??= refused(`${url} refused the session: ${event.error.message}`);
      }
    };
    const onError = (event: { readonly error?: unknown; readonly message?: string }): void => {
      // Of a session that can be resumed, it is the close that counts.
      if (session && resumption) return;
      failure ??= ParleyError.isInstance(event.error)
        ? event.error
        : refused(
            `Cannot connect to ${url}${event.message ? ` (${event.message})` : ''}; check that a server runs there.`,
          );
    };
    const listenTo = (opened: SocketLike): void => {
      socket = opened;
      opened.addEventListener('message', ({ data }) => {
        if (opened === socket) onMessage(data);
      });
      opened.addEventListener('error', (event) => {
        if (opened === socket) onError(event);
      });
      opened.addEventListener('close', ({ code, reason }) => {
        if (opened === socket) onLost(code, reason);
      });
    };
    listenTo(socket);
  });
}

function open(openSocket: OpenSocket, url: string, protocols: readonly string[]): SocketLike {
  try {
    return openSocket(url, protocols);
  } catch (cause) {
    if (ParleyError.isInstance(cause)) throw cause;
    throw new ParleyError(`Cannot connect to "${url}"; expected an address such as ws://127.0.0.1:8787/v1/realtime.`, {
      code: 'client.bad_url',
      status: 400,
      cause,
    });
  }
}

function refused(message: string): ParleyError {
  return new ParleyError(message, { code: 'client.refused', retryable: true, status: 502 });
}

function aborted(): ParleyError {
  return new ParleyError('The connection was given up on request.', { code: 'client.aborted', status: 499 });
}

function closedBy(url: string, code: number, reason: string): ParleyError {
  const how = code === 1006 ? 'was lost' : `was closed by the server with code ${code}`;
  return new ParleyError(`The connection to ${url} ${how}${reason ? `: ${reason}` : ''}.`, {
    code: 'client.closed',
    retryable: true,
    status: 502,
  });
}
