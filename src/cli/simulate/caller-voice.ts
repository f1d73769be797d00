import { HibariTextToSpeech } from '../../engines/hibari/client.js';
import { ComputeGovernor } from '../../engines/host/governor.js';
import { ensureModels } from '../../models/fetch.js';
import type { TextToSpeech } from '../../ports/text-to-speech.js';
import { readSettings } from '../../settings/settings.js';
import { createProgressRenderer } from '../progress.js';

/** The engine that gives the caller a voice: started when the first text is to be spoken. */
export function lazyVoice(): { readonly start: () => Promise<TextToSpeech>; readonly stop: () => Promise<void> } {
  let running: Promise<HibariTextToSpeech> | undefined;
  const begin = async (): Promise<HibariTextToSpeech> => {
    const progress = createProgressRenderer(process.stderr);
    const { cacheDir } = readSettings(process.env);
    const models = await ensureModels({ cacheDir, models: ['hibari'], onProgress: progress.onProgress });
    progress.close();
    const tts = new HibariTextToSpeech({ modelDir: models.hibari.dir, governor: new ComputeGovernor() });
    await tts.start();
    return tts;
  };
  return {
    start: () => {
      running ??= begin();
      return running;
    },
    stop: async () => {
      const started = running;
      running = undefined;
      await (await started?.catch(() => undefined))?.close();
    },
  };
}
