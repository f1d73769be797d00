import { join } from 'node:path';
import type { Ears } from '../conversation/explain/caller-audio.js';
import { ComputeGovernor } from '../engines/host/governor.js';
import { MoonshineSpeechToText } from '../engines/moonshine/client.js';
import { SileroVoiceActivity } from '../engines/silero/client.js';
import { SmartTurnEndOfTurn } from '../engines/smart-turn/client.js';
import { ensureModels } from '../models/fetch.js';
import { readSettings } from '../settings/settings.js';
import { createProgressRenderer } from './progress.js';

export type StartedEars = Ears & { readonly close: () => Promise<void> };

/** Starts what listens in a call, without a server; fetches the models when they are not there. */
export async function startEars(): Promise<StartedEars> {
  const progress = createProgressRenderer(process.stderr);
  const { cacheDir } = readSettings(process.env);
  const models = await ensureModels({
    cacheDir,
    models: ['silero-vad', 'smart-turn-v3.2', 'moonshine-tiny-en'],
    onProgress: progress.onProgress,
  });
  progress.close();
  const governor = new ComputeGovernor();
  const vad = new SileroVoiceActivity({ modelPath: models['silero-vad'].files['silero_vad.onnx'] });
  const endOfTurn = new SmartTurnEndOfTurn({
    modelPath: join(models['smart-turn-v3.2'].dir, 'smart-turn-v3.2-cpu.onnx'),
    governor,
  });
  const stt = new MoonshineSpeechToText({ modelDir: models['moonshine-tiny-en'].dir, governor });
  const close = async (): Promise<void> => {
    await Promise.all([vad.close(), endOfTurn.close(), stt.close()]);
  };
  try {
    await Promise.all([vad.start(), endOfTurn.start(), stt.start()]);
  } catch (error) {
    await close();
    throw error;
  }
  return { vad, endOfTurn, stt, close };
}
