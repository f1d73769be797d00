import type { ChatLayer } from './chat/chat-types.js';
import type { SpeechLayer } from './speech/speech.js';
import type { TranscriptionLayer } from './transcription/transcription.js';

/** The parts of a call, each for itself. Every dialect speaks to these. */
export type Layers = {
  readonly speech: SpeechLayer;
  readonly transcription: TranscriptionLayer;
  readonly chat: ChatLayer;
};
