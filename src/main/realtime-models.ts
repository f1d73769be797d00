import type { S2sModel } from '../api/waves/s2s/s2s-socket.js';
import type { EngineRegistry } from '../platform/engine-registry.js';
import {
  SpeechToSpeechAdmission,
  type SpeechToSpeechAdmissionOptions,
} from '../platform/speech-to-speech/admit-speech-to-speech.js';

/** The realtime models of parley.yaml by their names, as what holds calls. */
export function realtimeModels(
  registry: EngineRegistry,
  options: SpeechToSpeechAdmissionOptions,
): ReadonlyMap<string, S2sModel> {
  const admission = new SpeechToSpeechAdmission(options);
  const { instructions } = options;
  const models = new Map<string, S2sModel>();
  for (const { name, task } of registry.list()) {
    if (task !== 'converse') continue;
    const engine = registry.speechToSpeech(name);
    models.set(name, {
      admit: admission.admitTo(engine),
      noRoom: admission.noRoom,
      defaults: { instructions, voices: engine.capabilities.voices },
    });
  }
  return models;
}
