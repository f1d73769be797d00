import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { writeWav } from '../../src/audio/wav.js';
import { type BrowserBinary, launchBrowser } from './browser.js';
import { microphoneRateHz } from './microphone-file.js';

/**
 * For a page before it loads. The browser's microphone plays one file from when it is opened; what depends on what happened
 * before is mixed into it by `speakInto`, when it is time for it.
 */
export const microphoneThatWaits = `{
  const ask = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (wanted) {
    const context = new AudioContext({ sampleRate: ${microphoneRateHz} });
    const microphone = context.createMediaStreamDestination();
    context.createMediaStreamSource(await ask.call(this, wanted)).connect(microphone);
    window.speak = async (wav) => {
      const bytes = Uint8Array.from(atob(wav), (character) => character.charCodeAt(0));
      const source = new AudioBufferSourceNode(context, { buffer: await context.decodeAudioData(bytes.buffer) });
      source.connect(microphone);
      const over = new Promise((resolve) => {
        source.onended = resolve;
      });
      source.start();
      await over;
    };
    return microphone.stream;
  };
}`;

/** Resolves when all of it was said. @param samples -1..1 at 48 kHz */
export async function speakInto(page: Page, samples: Float32Array): Promise<void> {
  const wav = Buffer.from(writeWav([samples], microphoneRateHz)).toString('base64');
  await page.evaluate(`window.speak('${wav}')`);
}

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
