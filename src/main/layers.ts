import type { EngineRegistry } from '../platform/engine-registry.js';
import { createChatLayer } from '../platform/layers/chat/chat.js';
import type { Layers } from '../platform/layers/layers.js';
import { defaultLayerLimits, type LayerLimits } from '../platform/layers/limits.js';
import { createSpeechLayer } from '../platform/layers/speech/speech.js';
import { createTranscriptionLayer } from '../platform/layers/transcription/transcription.js';
import type { Clock } from '../ports/clock.js';
import type { EndOfTurn } from '../ports/end-of-turn.js';
import type { VoiceActivity } from '../ports/voice-activity.js';

type Engines = {
  readonly vad: VoiceActivity;
  readonly endOfTurn: EndOfTurn;
  readonly registry: EngineRegistry;
};

/** The layers over the engines of this server. */
export function layersOf(engines: Engines, clock: Clock, limits: LayerLimits = defaultLayerLimits): Layers {
  const { vad, endOfTurn, registry } = engines;
  return {
    speech: createSpeechLayer({ models: registry.speech, clock, limits }),
    transcription: createTranscriptionLayer({ models: registry.transcription, vad, endOfTurn, clock, limits }),
    chat: createChatLayer({ models: registry.chat, clock, limits }),
  };
}
