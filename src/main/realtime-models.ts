import type { SessionDefaults } from '../api/openai/realtime/effective-session.js';
import type { SessionModel } from '../api/openai/realtime/session-model.js';
import type { EngineRegistry } from '../platform/engine-registry.js';
import type { SpeechToSpeechAdmission } from '../platform/speech-to-speech/admit-speech-to-speech.js';

/** The realtime models of parley.yaml by their names, as what holds calls. */
export function realtimeModels(
  registry: EngineRegistry,
  admission: SpeechToSpeechAdmission,
  agent: Pick<SessionDefaults, 'instructions' | 'greeting'>,
): ReadonlyMap<string, SessionModel> {
  const models = new Map<string, SessionModel>();
  for (const { id, engine } of registry.conversation.entries)
    models.set(id, {
      admit: admission.admitTo(engine),
      noRoom: admission.noRoom,
      defaults: { ...agent, model: id, voices: engine.capabilities.voices },
    });
  return models;
}
