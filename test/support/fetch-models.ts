import { requiredModels } from '../../src/models/catalogue.js';
import { ensureModels } from '../../src/models/fetch.js';
import { readSettings } from '../../src/settings/settings.js';

/** Runs once before all tests: those with real engines find their weights in the cache. */
export async function setup(): Promise<void> {
  if (process.env.PARLEY_TEST_MODELS === 'skip') return;
  let shownMs = 0;
  try {
    await ensureModels({
      cacheDir: readSettings(process.env).cacheDir,
      models: requiredModels(),
      onProgress: ({ file, receivedBytes, phase }) => {
        if (performance.now() - shownMs < 5_000) return;
        shownMs = performance.now();
        process.stderr.write(`fetching models: ${file} ${phase} ${Math.round(receivedBytes / 1e6)} MB\n`);
      },
    });
  } catch (error) {
    if (process.env.CI && process.env.CI !== 'false') throw error;
    process.stderr.write(`${(error as Error).message}\nTests that need these models fail or are skipped.\n`);
  }
}
