import { connectRealtime, type RealtimeClient, type RealtimeClientOptions } from './realtime-client.js';
import { type ServerOptions, socketAddressOf } from './server-address.js';
import { type SpeakOptions, type SpeechEvent, speak } from './speak.js';
import { type TranscribeOptions, type TranscriptionStream, transcribe } from './transcribe.js';

export type ConverseOptions = Omit<RealtimeClientOptions, 'url' | 'apiKey' | 'openSocket'>;

/** What one server does, each by itself: it listens, it speaks, it holds a conversation. */
export type ParleyClient = {
  /** Writes down what is said, while it is said. */
  transcribe(options?: TranscribeOptions): Promise<TranscriptionStream>;
  /** Speaks text, all of it or as it is written. */
  speak(options: SpeakOptions): AsyncGenerator<SpeechEvent, void, undefined>;
  /** Talks: audio both ways, turns, tools. */
  converse(options?: ConverseOptions): Promise<RealtimeClient>;
};

/** @throws ParleyError, from each of its functions, as they say */
export function createParleyClient(server: ServerOptions): ParleyClient {
  const { apiKey, openSocket } = server;
  return {
    transcribe: (options) => transcribe(server, options),
    speak: (options) => speak(server, options),
    converse: async (options = {}) =>
      connectRealtime({
        ...options,
        url: socketAddressOf(server, '/v1/realtime', { model: 'parley' }),
        ...(apiKey === undefined ? {} : { apiKey }),
        ...(openSocket ? { openSocket } : {}),
      }),
  };
}
