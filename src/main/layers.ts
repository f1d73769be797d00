import { openAiAliases } from '../api/openai/models/model-aliases.js';
import { wavesAliases } from '../api/waves/common/model-aliases.js';
import type { EngineRegistry } from '../platform/engine-registry.js';
import { createChatLayer } from '../platform/layers/chat/chat.js';
import { EngineTable } from '../platform/layers/engine-table.js';
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

/**
 * The layers over the engines of this server. The usual one of each job answers to the names that clients of other products
 * use; the others are asked for by their own.
 */
export function layersOf(engines: Engines, clock: Clock, limits: LayerLimits = defaultLayerLimits): Layers {
  const { vad, endOfTurn, registry } = engines;
  const table = <E extends { readonly name: string }>(
    job: keyof typeof openAiAliases,
    task: ReturnType<EngineRegistry['list']>[number]['task'],
    named: (name?: string) => E,
  ): EngineTable<E> => {
    const usual = named();
    const others = registry
      .list()
      .filter((each) => each.task === task)
      .map(({ name }) => ({ id: name, ownedBy: name.split('/')[0] ?? name, aliases: [], engine: named(name) }))
      .filter(({ id, engine }) => engine !== usual && id !== usual.name);
    return new EngineTable(job, [
      { id: usual.name, ownedBy: 'parley', aliases: [...openAiAliases[job], ...wavesAliases[job]], engine: usual },
      ...others,
    ]);
  };
  return {
    speech: createSpeechLayer({
      models: table('speech', 'speak', (name) => registry.textToSpeech(name)),
      clock,
      limits,
    }),
    transcription: createTranscriptionLayer({
      models: table('transcription', 'transcribe', (name) => registry.speechToText(name)),
      vad,
      endOfTurn,
      clock,
      limits,
    }),
    chat: createChatLayer({ models: table('chat', 'chat', (name) => registry.languageModel(name)), clock, limits }),
  };
}
