import { encodePcm16 } from '../../audio/pcm.js';
import { ParleyError } from '../../ports/errors.js';
import type { SpeechToText, SpeechToTextEvent, SpeechToTextOptions } from '../../ports/speech-to-text.js';
import { RemoteApi, type RemoteApiOptions } from '../remote/remote-api.js';
import { readMessage, type SocketMessage } from '../remote/remote-socket.js';
import { type Hearing, type ListeningDialect, StreamedListening } from '../remote/streamed-listening.js';
import { listeningRateHz, listenWith } from '../remote/utterances.js';
import { elevenLabsKey } from './elevenlabs-key.js';

export type ElevenLabsSpeechToTextOptions = RemoteApiOptions & {
  /** Such as `scribe_v2_realtime`. */
  readonly model: string;
  /** @defaultValue 'en' */
  readonly language?: string | undefined;
};

/** ElevenLabs' realtime transcription: a freeze is a commit of what was sent. Its words come without times. */
export class ElevenLabsSpeechToText implements SpeechToText {
  readonly name: string;
  readonly capabilities: SpeechToText['capabilities'];
  readonly #api: RemoteApi;
  readonly #dialect: ListeningDialect;

  constructor(options: ElevenLabsSpeechToTextOptions) {
    const api = new RemoteApi(options, elevenLabsKey);
    const language = options.language ?? 'en';
    this.#api = api;
    this.name = `${options.provider}/${options.model}`;
    this.capabilities = { partials: true, wordTimes: 'none', languages: [language] };
    const query = Object.entries({
      model_id: options.model,
      language_code: language,
      audio_format: `pcm_${listeningRateHz}`,
      commit_strategy: 'manual',
    });
    this.#dialect = {
      open: (signal) => api.socket({ path: '/v1/speech-to-text/realtime', query, signal }),
      audio: (samples) => chunk(encodePcm16(samples).toString('base64'), false),
      finalize: chunk('', true),
      read: (message) => hearingsOf(api, message),
    };
  }

  listen(options: SpeechToTextOptions): AsyncIterable<SpeechToTextEvent> {
    return listenWith(options, (events) => new StreamedListening(this.#api, this.#dialect, events));
  }

  async close(): Promise<void> {}
}

function chunk(audio: string, commit: boolean): string {
  return JSON.stringify({
    message_type: 'input_audio_chunk',
    audio_base_64: audio,
    commit,
    sample_rate: listeningRateHz,
  });
}

function hearingsOf(api: RemoteApi, message: SocketMessage): readonly Hearing[] {
  const value = readMessage(api, message);
  const text = typeof value.text === 'string' ? value.text : '';
  switch (value.message_type) {
    case 'partial_transcript':
      return [{ type: 'interim', text }];
    case 'committed_transcript':
      return [{ type: 'settled', text, words: [], asked: true }];
    // Less than 0.3 s was sent since the last commit: there is nothing in it.
    case 'commit_throttled':
    case 'insufficient_audio_activity':
      return [{ type: 'settled', text: '', words: [], asked: true }];
    case 'session_started':
    case 'committed_transcript_with_timestamps':
      return [];
    default:
      if (value.error === undefined) return [];
      throw new ParleyError(`${api.provider} failed (${value.message_type}): ${api.masked(String(value.error))}.`, {
        code: value.message_type === 'rate_limited' ? 'remote.rate_limited' : 'remote.failed',
        retryable: true,
        status: 503,
      });
  }
}
