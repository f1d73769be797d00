import type { SpeakOptions, SpeechEvent, TextToSpeech } from '../../ports/text-to-speech.js';
import { spokenClause } from '../remote/clause.js';
import { RemoteApi, type RemoteApiOptions } from '../remote/remote-api.js';
import { VoicePace } from '../remote/word-clock.js';
import { deepgramKey } from './deepgram-key.js';

export type DeepgramTextToSpeechOptions = RemoteApiOptions & {
  /** For messages: with Deepgram a voice is a model. */
  readonly model: string;
  /** Such as `aura-2-thalia-en`. */
  readonly voices: readonly string[];
};

/** Of its own speed: what it takes. */
const slowest = 0.7;
const fastest = 1.5;

/**
 * Deepgram's `/v1/speak`, streamed over HTTP: its socket allows 20 clauses a minute, which a call exceeds. Word times are
 * estimated.
 */
export class DeepgramTextToSpeech implements TextToSpeech {
  readonly name: string;
  readonly rateHz = 24_000;
  readonly voices: readonly string[];
  readonly #api: RemoteApi;
  readonly #pace = new VoicePace();

  constructor(options: DeepgramTextToSpeechOptions) {
    this.#api = new RemoteApi(options, deepgramKey);
    this.name = `${options.provider}/${options.model}`;
    this.voices = options.voices;
  }

  speak(options: SpeakOptions): AsyncIterable<SpeechEvent> {
    const { rateHz } = this;
    return spokenClause(
      this.#api,
      options,
      { voices: this.voices, rateHz, pace: this.#pace, slowest, fastest },
      (clause) => ({
        path: '/v1/speak',
        query: Object.entries({
          model: options.voice,
          encoding: 'linear16',
          sample_rate: String(rateHz),
          container: 'none',
          ...(clause.speed === 1 ? {} : { speed: String(clause.speed) }),
        }),
        body: { text: clause.text },
      }),
    );
  }

  async close(): Promise<void> {}
}
