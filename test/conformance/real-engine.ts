import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import { modelDir, resolveCacheDir } from '../../src/models/cache.js';
import { catalogue, type ModelId } from '../../src/models/catalogue.js';

/** Where the weights are that the real engines of these suites load. */
export const cacheDir = resolveCacheDir();

/** Loading a model and computing on a machine that does other things too. */
const timeoutMs = 90_000;

/**
 * Runs a suite against a real engine where its weights are installed. Its child processes load compiled JavaScript, so
 * `npm run build` comes before. Without weights the suite is skipped and says so; where CI is set it fails instead,
 * because a pipeline that tests nothing must not be green. `PARLEY_TEST_MODELS=skip` skips in either case.
 */
export function describeRealEngine(name: string, models: readonly ModelId[], suite: () => void): void {
  if (process.env.PARLEY_TEST_MODELS === 'skip') {
    skip(name, 'PARLEY_TEST_MODELS=skip');
    return;
  }
  const missing = models.filter((id) => !isInstalled(id));
  if (missing.length > 0) {
    const reason = `no weights for ${missing.join(', ')} in ${cacheDir}; fetch them with \`parley models fetch\``;
    if (!process.env.CI || process.env.CI === 'false') skip(name, reason);
    else
      it(`${name} has its weights`, () => {
        throw new Error(reason);
      });
    return;
  }
  if (!existsSync(fileURLToPath(new URL('../../dist/engines', import.meta.url)))) {
    it(`${name} is built`, () => {
      throw new Error('dist/ is missing: run `npm run build` before the tests.');
    });
    return;
  }
  describe(name, { timeout: timeoutMs }, suite);
}

function skip(name: string, reason: string): void {
  console.warn(`skipped 1 suite (${name}): ${reason}`);
  describe.skip(name, () => {
    it(reason, () => {});
  });
}

/** By size only: reading a gigabyte to hash it is for `parley models verify`. */
function isInstalled(id: ModelId): boolean {
  const files = catalogue.find((model) => model.id === id)?.files ?? [];
  return files.every(({ name, bytes }) => {
    const found = statSync(join(modelDir(cacheDir, id), name), { throwIfNoEntry: false });
    return found?.size === bytes;
  });
}
