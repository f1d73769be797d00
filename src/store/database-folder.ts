import { join } from 'node:path';

/** Where the embedded database of a data folder is. */
export function databaseFolder(dataDir: string): string {
  return join(dataDir, 'db');
}
