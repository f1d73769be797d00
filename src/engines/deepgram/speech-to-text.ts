import { z } from 'zod';
import { encodePcm16 } from '../../audio/pcm.js';
import { ParleyError } from '../../ports/errors.js';
import type { SpeechToText, SpeechToTextEvent, SpeechToTextOptions } from '../../ports/speech-to-text.js';
import { rubbish } from '../remote/refusals.js';
import { RemoteApi, type RemoteApiOptions } from '../remote/remote-api.js';
import { readMessage, type SocketMessage } from '../remote/remote-socket.js';
import { type Hearing, type ListeningDialect, StreamedListening } from '../remote/streamed-listening.js';
import { listeningRateHz, listenWith } from '../remote/utterances.js';
import { deepgramKey } from './deepgram-key.js';

export type DeepgramSpeechToTextOptions = RemoteApiOptions & {
  readonly model: string;
  /** @defaultValue 'en' */
  readonly language?: string | undefined;
};

const resultsSchema = z.object({
  start: z.number(),
  duration: z.number(),
  is_final: z.boolean().nullish(),
  from_finalize: z.boolean().nullish(),
  channel: z.object({
    alternatives: z.array(
      z.object({
        transcript: z.string(),
        words: z
          .array(
            z.object({
              word: z.string(),
              punctuated_word: z.string().nullish(),
              start: z.number(),
              end: z.number(),
              confidence: z.number(),
            }),
          )
          .nullish(),
      }),
    ),
  }),
});

/** Deepgram's `/v1/listen` over a socket. A freeze is a `Finalize`; what its own endpointing thinks is not used. */
export class DeepgramSpeechToText implements SpeechToText {
  readonly name: string;
  readonly capabilities: SpeechToText['capabilities'];
  readonly #api: RemoteApi;
  readonly #dialect: ListeningDialect;

  constructor(options: DeepgramSpeechToTextOptions) {
    const api = new RemoteApi(options, deepgramKey);
    const language = options.language ?? 'en';
    this.#api = api;
    this.name = `${options.provider}/${options.model}`;
    this.capabilities = { partials: true, wordTimes: 'exact', languages: [language] };
    const query = Object.entries({
      model: options.model,
      language,
      encoding: 'linear16',
      sample_rate: String(listeningRateHz),
      channels: '1',
      interim_results: 'true',
      endpointing: 'false',
      punctuate: 'true',
    });
    this.#dialect = {
      open: (signal) => api.socket({ path: '/v1/listen', query, signal }),
      audio: encodePcm16,
      finalize: JSON.stringify({ type: 'Finalize' }),
      // It gives up after 10 s without either audio or this.
      keepAlive: { everyMs: 4_000, message: JSON.stringify({ type: 'KeepAlive' }) },
      goodbye: JSON.stringify({ type: 'CloseStream' }),
      read: (message) => hearingsOf(api, message),
    };
  }

  listen(options: SpeechToTextOptions): AsyncIterable<SpeechToTextEvent> {
    return listenWith(options, (events) => new StreamedListening(this.#api, this.#dialect, events));
  }

  async close(): Promise<void> {}
}

function hearingsOf(api: RemoteApi, message: SocketMessage): readonly Hearing[] {
  const value = readMessage(api, message);
  if (value.type === 'Error')
    throw new ParleyError(`${api.provider} failed: ${api.masked(String(value.description ?? value.message ?? ''))}.`, {
      code: 'remote.failed',
      retryable: true,
      status: 502,
    });
  if (value.type !== 'Results') return [];
  const { data, error } = resultsSchema.safeParse(value);
  if (!data) throw rubbish(api.provider, `results whose ${error.issues[0]?.path.join('.')} is of another kind`);
  const alternative = data.channel.alternatives[0];
  const startMs = data.start * 1_000;
  const endMs = (data.start + data.duration) * 1_000;
  if (!data.is_final) return [{ type: 'interim', text: alternative?.transcript ?? '', startMs, endMs }];
  const words = (alternative?.words ?? []).map((word) => ({
    text: word.punctuated_word ?? word.word,
    startMs: word.start * 1_000,
    endMs: word.end * 1_000,
    confidence: Math.min(1, Math.max(0.001, word.confidence)),
  }));
  const text = words.length > 0 ? words.map((word) => word.text).join(' ') : (alternative?.transcript ?? '');
  return [{ type: 'settled', text, words, startMs, endMs, asked: data.from_finalize === true }];
}
