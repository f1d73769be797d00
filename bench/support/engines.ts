import { join } from 'node:path';
import { HibariTextToSpeech } from '../../src/engines/hibari/client.js';
import { ComputeGovernor } from '../../src/engines/host/governor.js';
import type { HostLogEvent } from '../../src/engines/host/host-process.js';
import { MoonshineSpeechToText } from '../../src/engines/moonshine/client.js';
import { type SileroLogEvent, SileroVoiceActivity } from '../../src/engines/silero/client.js';
import { SmartTurnEndOfTurn } from '../../src/engines/smart-turn/client.js';
import { ensureModels } from '../../src/models/fetch.js';
import { readSettings } from '../../src/settings/settings.js';

/** The ears and the voice, without the language model. */
export async function startEars(log: (event: HostLogEvent | SileroLogEvent) => void = () => {}) {
  const { cacheDir } = readSettings(process.env);
  const models = await ensureModels({
    cacheDir,
    models: ['silero-vad', 'smart-turn-v3.2', 'moonshine-tiny-en', 'hibari'],
  });
  const governor = new ComputeGovernor();
  const vad = new SileroVoiceActivity({ modelPath: models['silero-vad'].files['silero_vad.onnx'], log });
  const endOfTurn = new SmartTurnEndOfTurn({
    modelPath: join(models['smart-turn-v3.2'].dir, 'smart-turn-v3.2-cpu.onnx'),
    governor,
    log,
  });
  const stt = new MoonshineSpeechToText({ modelDir: models['moonshine-tiny-en'].dir, governor, log });
  const tts = new HibariTextToSpeech({ modelDir: models.hibari.dir, governor, log });
  const engines = [vad, endOfTurn, stt, tts];
  await Promise.all(engines.map((engine) => engine.start()));
  const close = async (): Promise<void> => {
    await Promise.all(engines.map((engine) => engine.close()));
  };
  return { vad, endOfTurn, stt, tts, governor, close };
}
