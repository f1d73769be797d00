import type { Clock } from '../../ports/clock.js';
import { ParleyError } from '../../ports/errors.js';
import type { ApiKey } from './api-key.js';
import { type Exchange, exchange, type RemoteRequest } from './exchange.js';
import { defaultRemoteDeadlines, type RemoteDeadlines } from './limits.js';
import { RemoteSocket, type SocketRequest } from './remote-socket.js';

export type RemoteApiOptions = {
  /** What messages call it: the provider's name in the settings. */
  readonly provider: string;
  /** Where its paths begin, such as `https://api.groq.com/openai/v1`. */
  readonly url: string;
  readonly key?: ApiKey | undefined;
  readonly clock: Clock;
  readonly deadlines?: Partial<RemoteDeadlines> | undefined;
};

/** How services take a key. */
export type KeyHeader = (key: string) => Readonly<Record<string, string>>;

export const bearer: KeyHeader = (key) => ({ authorization: `Bearer ${key}` });

/**
 * One engine's way to a remote service: requests and sockets with deadlines, the key, and the waits that the service asks
 * for. While such a wait lasts, requests are refused here and not sent.
 */
export class RemoteApi {
  readonly provider: string;
  readonly clock: Clock;
  readonly deadlines: RemoteDeadlines;
  readonly key: ApiKey | undefined;
  readonly #url: string;
  readonly #keyHeader: KeyHeader;
  #heldUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: RemoteApiOptions, keyHeader: KeyHeader = bearer) {
    this.provider = options.provider;
    this.clock = options.clock;
    this.key = options.key;
    this.deadlines = { ...defaultRemoteDeadlines, ...definedOf(options.deadlines ?? {}) };
    this.#url = options.url.replace(/\/+$/, '');
    this.#keyHeader = keyHeader;
  }

  /**
   * Sends a request and waits until it is accepted. A wait that the service asks for is kept, once, when it is short.
   * @throws ParleyError `remote.*`; the signal's reason
   */
  exchange(request: RemoteRequest): Promise<Exchange> {
    return this.#patiently(request.signal, () => exchange(this, request));
  }

  /** Opens a socket. @throws as `exchange` */
  socket(request: SocketRequest): Promise<RemoteSocket> {
    return this.#patiently(request.signal, () => RemoteSocket.open(this, request));
  }

  address(path: string, query: Iterable<readonly [string, string]> = []): URL {
    const url = new URL(`${this.#url}${path}`);
    for (const [name, value] of query) url.searchParams.append(name, value);
    return url;
  }

  headers(): Record<string, string> {
    return this.key ? { ...this.#keyHeader(this.key.reveal()) } : {};
  }

  /** Text of theirs, without our key. */
  masked(text: string): string {
    return this.key ? this.key.masked(text) : text;
  }

  async #patiently<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    this.#refuseWhileHeld();
    try {
      return await attempt();
    } catch (error) {
      const waitMs = ParleyError.isInstance(error) && error.retryable ? error.retryAfterMs : undefined;
      if (waitMs === undefined) throw error;
      this.#heldUntilMs = this.clock.nowMs() + waitMs;
      if (waitMs > this.deadlines.maxRetryAfterMs) throw error;
      await pause(this.clock, waitMs, signal);
      return attempt();
    }
  }

  #refuseWhileHeld(): void {
    const leftMs = this.#heldUntilMs - this.clock.nowMs();
    if (leftMs <= 0) return;
    throw new ParleyError(`${this.provider} has asked for no requests for another ${Math.ceil(leftMs)} ms.`, {
      code: 'remote.rate_limited',
      retryable: true,
      status: 503,
      retryAfterMs: Math.ceil(leftMs),
    });
  }
}

function definedOf(deadlines: Partial<RemoteDeadlines>): Partial<RemoteDeadlines> {
  return Object.fromEntries(Object.entries(deadlines).filter(([, value]) => value !== undefined));
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      disarm();
      reject(signal.reason as Error);
    };
    const disarm = clock.at(clock.nowMs() + ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
