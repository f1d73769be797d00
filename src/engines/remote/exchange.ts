import { createParser } from 'eventsource-parser';
import { ParleyError } from '../../ports/errors.js';
import { remoteLimits } from './limits.js';
import { cutOff, late, refusalError, retryAfterMs, rubbish, unreachable } from './refusals.js';
import type { RemoteApi } from './remote-api.js';

export type RemoteRequest = {
  readonly path: string;
  readonly query?: Iterable<readonly [string, string]>;
  /** Sent as JSON, unless it is a form. */
  readonly body: FormData | unknown;
  readonly signal: AbortSignal;
};

/** An answer that was accepted and is arriving. Exactly one of its readers is used; leaving it ends the request. */
export type Exchange = {
  /** Server-sent events: the data of each. */
  events(): AsyncGenerator<string, void, undefined>;
  bytes(): AsyncGenerator<Uint8Array, void, undefined>;
  /** One JSON value a line. */
  lines(): AsyncGenerator<unknown, void, undefined>;
  json(): Promise<unknown>;
};

/**
 * One request. Whoever aborts its signal or stops reading closes the connection.
 * @throws ParleyError `remote.unreachable`, `remote.late`, and what `refusalError` makes of a refusal; the signal's reason
 */
export async function exchange(api: RemoteApi, request: RemoteRequest): Promise<Exchange> {
  const { signal } = request;
  signal.throwIfAborted();
  const life = new AbortController();
  const wait = new Wait(api, life);
  const onAbort = (): void => life.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const end = (): void => {
    wait.rest();
    signal.removeEventListener('abort', onAbort);
    if (!life.signal.aborted) life.abort(new Error('the request is over'));
  };
  const failure = (error: unknown, otherwise: (cause: unknown) => ParleyError): unknown => {
    if (signal.aborted) return signal.reason;
    if (life.signal.aborted) return life.signal.reason;
    return ParleyError.isInstance(error) ? error : otherwise(error);
  };
  let response: Response;
  wait.begin(api.deadlines.firstByteMs);
  try {
    response = await fetch(api.address(request.path, request.query), {
      method: 'POST',
      ...payloadOf(request.body, api.headers()),
      // A redirect would take the key to another place.
      redirect: 'error',
      signal: life.signal,
    });
    if (!response.ok) throw await refusalOf(api, response);
  } catch (error) {
    const reason = failure(error, (cause) => unreachable(api.provider, cause));
    end();
    throw reason;
  }
  async function* read(maxBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
    let received = 0;
    try {
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        received += chunk.byteLength;
        if (received > maxBytes) throw rubbish(api.provider, `more than ${maxBytes} bytes`);
        yield chunk;
      }
    } catch (error) {
      throw failure(error, (cause) => cutOff(api.provider, 'the connection was lost', cause));
    } finally {
      end();
    }
  }
  /** What arrived together, until nobody wants it any more. */
  function* wanted<T>(values: readonly T[]): Generator<T, void, undefined> {
    for (const value of values) {
      signal.throwIfAborted();
      yield value;
    }
  }
  const jsonOf = (text: string): unknown => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw rubbish(api.provider, `expected JSON, found "${api.masked(text.slice(0, 80))}"`);
    }
  };
  return {
    async *bytes() {
      for await (const chunk of read(remoteLimits.maxAudioBytes)) {
        if (chunk.byteLength === 0) continue;
        wait.rest();
        yield chunk;
        wait.begin(api.deadlines.idleMs);
      }
    },
    async *lines() {
      let begun = '';
      const decoder = new TextDecoder();
      for await (const chunk of read(remoteLimits.maxAudioBytes)) {
        const [...lines] = (begun + decoder.decode(chunk, { stream: true })).split('\n');
        begun = lines.pop() ?? '';
        if (begun.length > remoteLimits.maxEventBytes)
          throw rubbish(api.provider, `a line of more than ${remoteLimits.maxEventBytes} bytes`);
        const values = lines.filter((line) => line.trim() !== '').map(jsonOf);
        if (values.length === 0) continue;
        wait.rest();
        yield* wanted(values);
        wait.begin(api.deadlines.idleMs);
      }
      if (begun.trim() !== '') yield jsonOf(begun);
    },
    async *events() {
      const ready: string[] = [];
      let broken: string | undefined;
      const parser = createParser({
        onEvent: ({ data }) => ready.push(data),
        onError: (error) => {
          if (error.type === 'max-buffer-size-exceeded') broken = error.message;
        },
        maxBufferSize: remoteLimits.maxEventBytes,
      });
      const decoder = new TextDecoder();
      for await (const chunk of read(Number.POSITIVE_INFINITY)) {
        parser.feed(decoder.decode(chunk, { stream: true }));
        if (broken !== undefined)
          throw rubbish(api.provider, `an event of more than ${remoteLimits.maxEventBytes} bytes`);
        // Comments keep a connection alive and say nothing: they do not count.
        if (ready.length === 0) continue;
        wait.rest();
        yield* wanted(ready.splice(0));
        wait.begin(api.deadlines.idleMs);
      }
    },
    async json() {
      const parts: Uint8Array[] = [];
      for await (const chunk of read(remoteLimits.maxBodyBytes)) parts.push(chunk);
      return jsonOf(Buffer.concat(parts).toString('utf8'));
    },
  };
}

/** One deadline at a time. While whoever reads is busy, none runs. */
class Wait {
  readonly #api: RemoteApi;
  readonly #life: AbortController;
  #disarm: (() => void) | undefined;
  #first = true;

  constructor(api: RemoteApi, life: AbortController) {
    this.#api = api;
    this.#life = life;
  }

  begin(ms: number): void {
    this.rest();
    const { clock, provider } = this.#api;
    const what = this.#first ? 'nothing' : 'nothing more';
    this.#disarm = clock.at(clock.nowMs() + ms, () => this.#life.abort(late(provider, what, ms)));
    this.#first = false;
  }

  rest(): void {
    this.#disarm?.();
    this.#disarm = undefined;
  }
}

function payloadOf(
  body: unknown,
  headers: Record<string, string>,
): { body: FormData | string; headers: Record<string, string> } {
  if (body instanceof FormData) return { body, headers };
  return { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
}

async function refusalOf(api: RemoteApi, response: Response): Promise<ParleyError> {
  return refusalError({
    provider: api.provider,
    status: response.status,
    body: api.masked(await beginningOf(response)),
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
    keyVariable: api.key?.variable,
  });
}

async function beginningOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    parts.push(chunk);
    length += chunk.byteLength;
    if (length >= remoteLimits.maxRefusalBytes) break;
  }
  return Buffer.concat(parts).toString('utf8');
}
