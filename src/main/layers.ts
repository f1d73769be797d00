import { openAiAliases } from '../api/openai/models/model-aliases.js';
import { createChatLayer } from '../platform/layers/chat/chat.js';
import { EngineTable } from '../platform/layers/engine-table.js';
import type { Layers } from '../platform/layers/layers.js';
import { defaultLayerLimits, type LayerLimits } from '../platform/layers/limits.js';
import { createSpeechLayer } from '../platform/layers/speech/speech.js';
import { createTranscriptionLayer } from '../platform/layers/transcription/transcription.js';
import { applyTextForms } from '../platform/text-forms/text-forms.js';
import type { Clock } from '../ports/clock.js';
import type { EndOfTurn } from '../ports/end-of-turn.js';
import type { LanguageModel } from '../ports/language-model.js';
import type { SpeechToText } from '../ports/speech-to-text.js';
import type { TextToSpeech } from '../ports/text-to-speech.js';
import type { VoiceActivity } from '../ports/voice-activity.js';

type Engines = {
  readonly vad: VoiceActivity;
  readonly endOfTurn: EndOfTurn;
  readonly stt: SpeechToText;
  readonly tts: TextToSpeech;
  readonly languageModel: LanguageModel;
};

/** The layers over the engines of this machine, under the names that clients of other products use. */
export function layersOf(engines: Engines, clock: Clock, limits: LayerLimits = defaultLayerLimits): Layers {
  const { vad, endOfTurn, stt, tts, languageModel } = engines;
  const table = <E extends { readonly name: string }>(job: keyof typeof openAiAliases, engine: E): EngineTable<E> =>
    new EngineTable(job, [{ id: engine.name, ownedBy: 'parley', aliases: openAiAliases[job], engine }]);
  return {
    speech: createSpeechLayer({ models: table('speech', tts), clock, limits }),
    transcription: createTranscriptionLayer({
      models: table('transcription', stt),
      vad,
      endOfTurn,
      clock,
      limits,
      write: applyTextForms,
    }),
    chat: createChatLayer({ models: table('chat', languageModel), clock, limits }),
  };
}
