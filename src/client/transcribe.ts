import { ParleyError } from '../audio/error.js';
import { BoundedQueue } from './bounded-queue.js';
import { int16Samples, pcm16ToBase64 } from './pcm.js';
import { type ConnectionEnd, connectRealtime, type RealtimeClient } from './realtime-client.js';
import { type ServerOptions, socketAddressOf } from './server-address.js';
import type { ServerEvent } from './server-events.js';

export type TranscribeOptions = {
  /** @defaultValue the server's first model */
  readonly model?: string;
  /** Of what is said, as a language tag. @defaultValue the model's first */
  readonly language?: string;
  /**
   * Who says when a turn is over: the server by what it hears (`high` waits least, `low` longest), or `commit()`.
   * @defaultValue auto
   */
  readonly turnEnd?: 'auto' | 'high' | 'medium' | 'low' | 'commit';
  /** Gives up connecting, and later ends the stream. */
  readonly signal?: AbortSignal;
};

/** Times count in the audio that was sent, in ms from its first sample. `turn` is the same in all events of a turn. */
export type TranscriptionEvent =
  | { readonly type: 'speech-started'; readonly turn: string; readonly atMs: number }
  | { readonly type: 'speech-stopped'; readonly turn: string; readonly atMs: number }
  /** All words so far; the first `stableWords` stay, but for what a correction says. */
  | { readonly type: 'partial'; readonly turn: string; readonly text: string; readonly stableWords: number }
  | { readonly type: 'final'; readonly turn: string; readonly text: string }
  /** The turn was not over: its words come again, in the final of another. */
  | { readonly type: 'withdrawn'; readonly turn: string }
  /** What the server could not do; the stream goes on. */
  | { readonly type: 'warning'; readonly code: string; readonly message: string };

/** Audio goes in, what is said comes out: `for await (const event of stream)`, by one reader. */
export type TranscriptionStream = AsyncIterable<TranscriptionEvent> & {
  /**
   * Audio as it comes: mono at 24 kHz, -1..1, at most 30 s at once.
   * @throws ParleyError after the end; `client.backlog` when the server has stopped reading
   */
  send(samples: Float32Array): void;
  /** Ends the turn here. */
  commit(): void;
  /** No more audio comes: what was said is written down to its end, and then the events end. */
  finish(): void;
  /** Ends at once. Idempotent. */
  close(): Promise<void>;
};

/** Partials that nobody has read make way for later ones, so this is many turns. */
const mostUnread = 1_024;
/** Audio that was sent faster than real time may still have to be heard. */
const finishWithinMs = 30_000;
const configureWithinMs = 10_000;

/**
 * Opens a stream to transcribe. Reading throws a ParleyError when the connection is lost (`client.closed`), when the server
 * ends it, or when events are not read (`client.unread`).
 *
 * @throws ParleyError as `connectRealtime`; `client.timeout` when the server does not answer
 */
export async function transcribe(server: ServerOptions, options: TranscribeOptions = {}): Promise<TranscriptionStream> {
  const { signal } = options;
  const { apiKey, openSocket } = server;
  let stream: Stream | undefined;
  let onConfigured: () => void = () => {};
  const client = await connectRealtime({
    url: socketAddressOf(server, '/v1/realtime', { intent: 'transcription' }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(openSocket ? { openSocket } : {}),
    ...(signal ? { signal } : {}),
    onEvent: (event) => {
      if (event.type === 'session.updated') onConfigured();
      stream?.read(event);
    },
  });
  stream = new Stream(client, signal);
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(overdue(`did not answer within ${configureWithinMs} ms`)),
        configureWithinMs,
      );
      onConfigured = () => {
        clearTimeout(late);
        resolve();
      };
      void client.ended.then((end) => {
        clearTimeout(late);
        reject(end.by === 'server' ? end.error : overdue('was not asked any more'));
      });
      client.send({ type: 'session.update', session: sessionOf(options) });
    });
  } catch (error) {
    await client.close();
    throw error;
  }
  return stream;
}

function sessionOf({ model, language, turnEnd = 'auto' }: TranscribeOptions) {
  const detection = turnEnd === 'commit' ? null : { type: 'semantic_vad', eagerness: turnEnd };
  const transcription = { ...(model === undefined ? {} : { model }), ...(language === undefined ? {} : { language }) };
  return {
    type: 'transcription',
    audio: {
      input: { turn_detection: detection, ...(Object.keys(transcription).length > 0 ? { transcription } : {}) },
    },
    parley: { turn_metrics: true },
  } as const;
}

function overdue(what: string): ParleyError {
  return new ParleyError(`The server ${what}.`, { code: 'client.timeout', retryable: true, status: 504 });
}

class Stream implements TranscriptionStream {
  readonly #client: RealtimeClient;
  readonly #events: BoundedQueue<TranscriptionEvent>;
  /** Armed when no more audio comes. */
  #finishing: ReturnType<typeof setTimeout> | undefined;

  constructor(client: RealtimeClient, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#events = new BoundedQueue({
      most: mostUnread,
      replaces: (later, earlier) =>
        later.type === 'partial' && earlier.type === 'partial' && later.turn === earlier.turn,
      onReturn: () => void this.close(),
    });
    const onAbort = (): void => {
      this.#events.end(new ParleyError('The stream was ended on request.', { code: 'client.aborted', status: 499 }));
      void this.close();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    void client.ended.then((end) => {
      signal?.removeEventListener('abort', onAbort);
      this.#ended(end);
    });
  }

  send(samples: Float32Array): void {
    this.#assertOpen();
    this.#client.send({ type: 'input_audio_buffer.append', audio: pcm16ToBase64(int16Samples(samples)) });
  }

  commit(): void {
    this.#assertOpen();
    this.#client.send({ type: 'input_audio_buffer.commit' });
  }

  finish(): void {
    if (this.#finishing !== undefined) return;
    this.commit();
    this.#client.send({ type: 'parley.input_audio.flush' });
    this.#finishing = setTimeout(() => {
      this.#events.end(overdue(`was not done with the audio within ${finishWithinMs} ms`));
      void this.close();
    }, finishWithinMs);
  }

  async close(): Promise<void> {
    clearTimeout(this.#finishing);
    await this.#client.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<TranscriptionEvent, void, undefined> {
    return this.#events;
  }

  read(event: ServerEvent): void {
    if (event.type === 'error') {
      this.#failed(event.error);
      return;
    }
    if (event.type === 'parley.input_audio.flushed' && this.#finishing !== undefined) void this.close();
    const told = transcriptionEventOf(event);
    if (told) this.#events.push(told);
  }

  #failed({ code, message }: Extract<ServerEvent, { type: 'error' }>['error']): void {
    // There was nothing left to write down, which is no trouble.
    if (this.#finishing !== undefined && code === 'input_audio_buffer_commit_empty') return;
    this.#events.push({ type: 'warning', code: code ?? 'unknown', message });
  }

  #ended(end: ConnectionEnd): void {
    clearTimeout(this.#finishing);
    this.#events.end(end.by === 'server' ? end.error : undefined);
  }

  #assertOpen(): void {
    if (this.#finishing === undefined) return;
    throw new ParleyError('No more audio can be sent: the stream was finished.', { code: 'client.closed' });
  }
}

function transcriptionEventOf(event: ServerEvent): TranscriptionEvent | undefined {
  switch (event.type) {
    case 'input_audio_buffer.speech_started':
      return { type: 'speech-started', turn: event.item_id, atMs: event.audio_start_ms };
    case 'input_audio_buffer.speech_stopped':
      return { type: 'speech-stopped', turn: event.item_id, atMs: event.audio_end_ms };
    case 'parley.partial':
      return { type: 'partial', turn: event.item_id, text: event.text, stableWords: event.stable_words ?? 0 };
    case 'conversation.item.input_audio_transcription.completed':
      return { type: 'final', turn: event.item_id, text: event.transcript };
    case 'conversation.item.deleted':
      return { type: 'withdrawn', turn: event.item_id };
    default:
      return undefined;
  }
}
