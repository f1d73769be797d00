import type { S2sModel } from '../api/waves/s2s/s2s-socket.js';
import type { EngineRegistry } from '../platform/engine-registry.js';
import type { SpeechToSpeechAdmission } from '../platform/speech-to-speech/admit-speech-to-speech.js';

/** The realtime models of parley.yaml by their names, as what holds calls. */
export function realtimeModels(
  registry: EngineRegistry,
  admission: SpeechToSpeechAdmission,
  instructions: string,
): ReadonlyMap<string, S2sModel> {
  const models = new Map<string, S2sModel>();
  for (const { id, engine } of registry.conversation.entries)
    models.set(id, {
      admit: admission.admitTo(engine),
      noRoom: admission.noRoom,
      defaults: { instructions, voices: engine.capabilities.voices },
    });
  return models;
}
