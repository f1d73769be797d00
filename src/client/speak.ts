import { ParleyError } from '../audio/error.js';
import { addressOf, type ServerOptions } from './server-address.js';
import { errorIn, refusalOf } from './server-refusal.js';
import { textPieces } from './text-pieces.js';

export type SpeakOptions = {
  /** All of it, or as it is written: then it is spoken sentence by sentence. */
  readonly text: string | AsyncIterable<string> | Iterable<string>;
  /** @defaultValue `tts-1`, the server's usual one */
  readonly model?: string;
  /** @defaultValue the model's first */
  readonly voice?: string;
  /** 1 is the voice's own pace; 0.5..2. @defaultValue 1 */
  readonly speed?: number;
  /** Of the samples that come out. @defaultValue 24000 */
  readonly rateHz?: number;
  /** Stops speaking. */
  readonly signal?: AbortSignal;
};

export type SpeechEvent =
  /** What is spoken next; `atMs` is where its audio begins. */
  | { readonly type: 'text'; readonly text: string; readonly atMs: number }
  /** Mono, -1..1. */
  | { readonly type: 'audio'; readonly samples: Float32Array; readonly rateHz: number; readonly atMs: number };

const usualModel = 'tts-1';
const usualRateHz = 24_000;
const longestRefusal = 4_096;

/**
 * Has text spoken; audio comes as it is made, faster than it plays. Nothing is read from the server before it is asked for:
 * who reads slowly slows it down. While one piece is read the next one is asked for, and no further.
 *
 * @throws ParleyError while it is read: `client.aborted`, `client.unreachable`, `client.lost`, `client.bad_url`, and what
 *   the server says, with its status and code
 */
export async function* speak(
  server: ServerOptions,
  options: SpeakOptions,
): AsyncGenerator<SpeechEvent, void, undefined> {
  const { signal, rateHz = usualRateHz } = options;
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const pieces = textPieces(options.text);
  const ask = async (): Promise<Asked | undefined> => {
    const { value: text, done } = await pieces.next();
    return done ? undefined : { text, body: await request(server, { ...options, text, rateHz, signal: stop.signal }) };
  };
  let samples = 0;
  const atMs = (): number => (samples / rateHz) * 1_000;
  try {
    if (signal?.aborted) throw aborted();
    let asked = await ask();
    while (asked) {
      const next = ask();
      // It is awaited when this piece has been read.
      next.catch(() => {});
      yield { type: 'text', text: asked.text, atMs: atMs() };
      for await (const part of samplesOf(asked.body)) {
        yield { type: 'audio', samples: part, rateHz, atMs: atMs() };
        samples += part.length;
      }
      asked = await next;
    }
  } catch (error) {
    throw signal?.aborted ? aborted() : error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stop.abort();
    // Whoever writes the text may be in the middle of it: it is not waited for.
    pieces.return().catch(() => {});
  }
}

type Asked = { readonly text: string; readonly body: AsyncIterable<Uint8Array> };

type PieceRequest = Omit<SpeakOptions, 'text'> & {
  readonly text: string;
  readonly rateHz: number;
  readonly signal: AbortSignal;
};

async function request(server: ServerOptions, piece: PieceRequest): Promise<AsyncIterable<Uint8Array>> {
  const { text: input, model = usualModel, voice, speed, rateHz, signal } = piece;
  const url = addressOf(server, '/v1/audio/speech');
  const { fetch: ask = fetch, apiKey } = server;
  let response: Response;
  try {
    response = await ask(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify({ input, model, voice, speed, response_format: 'pcm', sample_rate: rateHz }),
      signal,
    });
  } catch (cause) {
    if (signal.aborted) throw aborted();
    throw new ParleyError(`${url.origin} cannot be reached; check that a server runs there.`, {
      code: 'client.unreachable',
      retryable: true,
      status: 502,
      cause,
    });
  }
  if (response.ok && response.body) return bytesOf(response.body, url);
  const body = (await response.text()).slice(0, longestRefusal);
  const { status, headers } = response;
  throw refusalOf({ url: url.href, status, body, retryAfter: headers.get('retry-after') }, errorIn(body).code);
}

/** Not every browser can iterate over a body. */
async function* bytesOf(
  body: ReadableStream<Uint8Array>,
  { origin }: URL,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw new ParleyError(`${origin} broke off in the middle of the audio.`, {
      code: 'client.lost',
      retryable: true,
      status: 502,
      cause,
    });
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Samples of PCM16, little-endian, however it was cut. */
async function* samplesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Float32Array, void, undefined> {
  let odd: number | undefined;
  for await (const chunk of chunks) {
    const bytes = odd === undefined ? chunk : Uint8Array.of(odd, ...chunk);
    odd = bytes.length % 2 === 0 ? undefined : bytes.at(-1);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const samples = new Float32Array(bytes.length >> 1);
    for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(2 * i, true) / 32_768;
    if (samples.length > 0) yield samples;
  }
}

function aborted(): ParleyError {
  return new ParleyError('Speaking was stopped on request.', { code: 'client.aborted', status: 499 });
}
