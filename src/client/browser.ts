/** `parley/client` where there is a global `WebSocket`: browsers, Deno, Bun, Node 22. */
export { ParleyError } from '../audio/error.js';
export type { ClientEvent, ExpectedAnswer, SessionRequest } from './client-events.js';
export { type ConverseOptions, createParleyClient, type ParleyClient } from './parley-client.js';
export { base64ToSamples, int16Samples, pcm16ToBase64, realtimeRateHz } from './pcm.js';
export {
  type ConnectionEnd,
  connectRealtime,
  type RealtimeClient,
  type RealtimeClientOptions,
} from './realtime-client.js';
export type { ServerOptions } from './server-address.js';
export type { ResponseStatus, ResponseView, ServerEvent, SessionView } from './server-events.js';
export type { OpenSocket, SocketLike } from './socket-like.js';
export type { SpeakOptions, SpeechEvent } from './speak.js';
export type { TranscribeOptions, TranscriptionEvent, TranscriptionStream } from './transcribe.js';
