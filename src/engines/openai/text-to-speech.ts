import type { SpeakOptions, SpeechEvent, TextToSpeech } from '../../ports/text-to-speech.js';
import { spokenClause } from '../remote/clause.js';
import { RemoteApi, type RemoteApiOptions } from '../remote/remote-api.js';
import { VoicePace } from '../remote/word-clock.js';

export type OpenAiTextToSpeechOptions = RemoteApiOptions & {
  readonly model: string;
  /** The first is the one that is used where none is asked for. */
  readonly voices: readonly string[];
  /** Of what the server sends as `pcm`. @defaultValue 24000, as OpenAI's */
  readonly rateHz?: number | undefined;
};

/** A voice behind any server that speaks `POST /audio/speech`. Word times are estimated. */
export class OpenAiTextToSpeech implements TextToSpeech {
  readonly name: string;
  readonly rateHz: number;
  readonly voices: readonly string[];
  readonly #api: RemoteApi;
  readonly #model: string;
  readonly #pace = new VoicePace();

  constructor(options: OpenAiTextToSpeechOptions) {
    this.#api = new RemoteApi(options);
    this.#model = options.model;
    this.name = `${options.provider}/${options.model}`;
    this.rateHz = options.rateHz ?? 24_000;
    this.voices = options.voices;
  }

  speak(options: SpeakOptions): AsyncIterable<SpeechEvent> {
    const { voices, rateHz } = this;
    return spokenClause(this.#api, options, { voices, rateHz, pace: this.#pace }, ({ text, speed }) => ({
      path: '/audio/speech',
      body: { model: this.#model, input: text, voice: options.voice, speed, response_format: 'pcm' },
    }));
  }

  async close(): Promise<void> {}
}
