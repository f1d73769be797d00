import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { SyncedFileSystem } from './synced-file-system.js';

/** `-F` of the defaults means "no fsync"; `fdatasync`, which Linux would use, does nothing in this build. */
const startParams = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  '-c',
  'fsync=on',
  '-c',
  'wal_sync_method=fsync',
];

/** Opens the database in a folder that has one. @param onLine gets what PostgreSQL writes */
export async function openDatabase(folder: string, onLine: (line: string) => void): Promise<PGlite> {
  const take = (line: string): boolean => {
    onLine(line);
    return false;
  };
  const database = new PGlite({ fs: new SyncedFileSystem(folder), startParams, onStdout: take, onStderr: take });
  await database.waitReady;
  return database;
}

/**
 * Makes a database beside its folder, writes it out to the disk, and only then gives it its name: a folder with the name
 * is never half a database, whenever the process ends.
 */
export async function makeDatabase(folder: string, onLine: (line: string) => void): Promise<void> {
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  const database = await openDatabase(part, onLine);
  await database.close();
  syncTree(part);
  renameSync(part, folder);
  syncOne(dirname(folder));
}

/**
 * Whether there is a database in a folder. One that is there without is no place for a new one: what was in it may still be
 * somewhere, and a new one would have no keys.
 * @throws Error when there is a folder without a database
 */
export function hasDatabase(folder: string): boolean {
  if (!existsSync(folder)) return false;
  if (existsSync(join(folder, 'PG_VERSION'))) return true;
  throw new Error('there is no PG_VERSION in it');
}

function syncTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else if (entry.isFile()) syncOne(path);
  }
  syncOne(folder);
}

function syncOne(path: string): void {
  const opened = openSync(path, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
