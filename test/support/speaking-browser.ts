import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { writeWav } from '../../src/audio/wav.js';
import { type BrowserBinary, launchBrowser } from './browser.js';
import { microphoneRateHz } from './microphone-file.js';

export type SpeakingBrowser = { readonly browser: Browser; readonly close: () => Promise<void> };

/** A browser whose microphone says this once, then nothing. @param samples -1..1 at 48 kHz */
export async function launchSpeakingBrowser(binary: BrowserBinary, samples: Float32Array): Promise<SpeakingBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-microphone-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const microphoneFile = join(folder, 'microphone.wav');
    await writeFile(microphoneFile, writeWav([samples], microphoneRateHz));
    const browser = await launchBrowser(binary, { microphoneFile });
    return {
      browser,
      async close() {
        await browser.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
