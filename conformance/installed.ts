import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ConformanceClient } from './case.js';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The versions of npm packages that package.json pins and node_modules has. */
export function installed(...packages: readonly string[]): ConformanceClient['version'] {
  return async () => {
    const versions = await Promise.all(
      packages.map(async (name) => {
        const { version } = JSON.parse(await readFile(`${root}node_modules/${name}/package.json`, 'utf8'));
        return String(version);
      }),
    );
    return { version: versions.join(', ') };
  };
}
