import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ModelFileName, ModelId } from './catalogue.js';

/** `PARLEY_CACHE_DIR`, made absolute, or `~/.cache/parley`. */
export function resolveCacheDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const configured = env.PARLEY_CACHE_DIR;
  return configured ? resolve(configured) : join(homedir(), '.cache', 'parley');
}

/** The folder that holds one folder for each model. */
export function modelsDir(cacheDir: string): string {
  return join(cacheDir, 'models');
}

export function modelDir(cacheDir: string, modelId: string): string {
  return join(modelsDir(cacheDir), modelId);
}

/** Where a file of a model belongs, whether or not it is there: `<cache>/models/<model-id>/<file>`. */
export function modelPath<Id extends ModelId>(cacheDir: string, modelId: Id, file: ModelFileName<Id>): string {
  return join(modelDir(cacheDir, modelId), file);
}
