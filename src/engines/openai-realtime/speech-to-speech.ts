import type { ConverseOptions, SpeechToSpeech, SpeechToSpeechEvent } from '../../ports/speech-to-speech.js';
import { RemoteApi, type RemoteApiOptions } from '../remote/remote-api.js';
import { RealtimeConversation, realtimeRateHz } from './realtime-conversation.js';

export type OpenAiRealtimeOptions = RemoteApiOptions & {
  /** Such as `gpt-realtime`. */
  readonly model: string;
  /** The first is the one that is used where none is asked for. */
  readonly voices: readonly string[];
  /** Writes down what the caller says. @defaultValue 'gpt-4o-mini-transcribe' */
  readonly transcriptionModel?: string | undefined;
};

/** A model behind any server that speaks OpenAI's realtime protocol over a socket. */
export class OpenAiRealtime implements SpeechToSpeech {
  readonly name: string;
  readonly capabilities: SpeechToSpeech['capabilities'];
  readonly #options: OpenAiRealtimeOptions;
  readonly #api: RemoteApi;

  constructor(options: OpenAiRealtimeOptions) {
    this.#options = options;
    this.#api = new RemoteApi(options);
    this.name = `${options.provider}/${options.model}`;
    this.capabilities = {
      inputRateHz: realtimeRateHz,
      outputRateHz: realtimeRateHz,
      voices: options.voices,
      tools: true,
      transcripts: true,
    };
  }

  async *converse(options: ConverseOptions): AsyncIterable<SpeechToSpeechEvent> {
    const { model, voices, transcriptionModel = 'gpt-4o-mini-transcribe' } = this.#options;
    const life = new AbortController();
    const signal = AbortSignal.any([options.signal, life.signal]);
    try {
      const socket = await this.#api.socket({ path: '/realtime', query: [['model', model]], signal });
      const voice = options.voice ?? voices[0];
      yield* new RealtimeConversation(this.#api, socket, { ...options, voice, transcriptionModel }).events();
    } catch (error) {
      throw options.signal.aborted ? options.signal.reason : error;
    } finally {
      life.abort(new Error('the conversation is over'));
    }
  }

  async close(): Promise<void> {}
}
