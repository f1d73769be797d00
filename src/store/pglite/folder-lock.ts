import { mkdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { lock } from 'proper-lockfile';
import { ParleyError } from '../../ports/errors.js';

/** A lock that was not renewed for this long belongs to nobody any more. */
const staleMs = 10_000;
const renewMs = 2_000;
/** Others hold the lock on the owner only for the moment in which they look. */
const lookRetries = { retries: 20, minTimeout: 50, maxTimeout: 500 };

/** Who holds a folder. Process numbers mean something within one `machine` only. */
type Owner = { readonly pid: number; readonly machine: string };

/**
 * Takes a database's folder for this process: two that write into one folder destroy it. The lock of a process that has
 * died is taken over at once where that can be told, else when it has not been renewed for 10 s.
 *
 * @param onLost the lock was taken away, because this process did not renew it in time: it must stop writing
 * @returns gives it back
 * @throws ParleyError `store.locked`
 */
export async function lockFolder(folder: string, onLost: (error: Error) => void): Promise<() => Promise<void>> {
  const lockPath = `${folder}.lock`;
  const ownerPath = `${folder}.owner.json`;
  const machine = await thisMachine();
  // Only who holds the second lock may remove the first, so that nobody removes one that was just taken.
  const look = await lock(`${folder}.look`, {
    realpath: false,
    stale: staleMs,
    retries: lookRetries,
    onCompromised: () => {},
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ELOCKED' ? lockedError(folder, undefined) : error;
  });
  try {
    const owner = await readOwner(ownerPath);
    if (owner && owner.machine === machine && !isAlive(owner.pid)) await rm(lockPath, { recursive: true, force: true });
    const release = await lock(folder, {
      realpath: false,
      stale: staleMs,
      update: renewMs,
      onCompromised: onLost,
    }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ELOCKED' ? lockedError(folder, owner) : error;
    });
    await writeFile(ownerPath, JSON.stringify({ pid: process.pid, machine } satisfies Owner));
    return async () => {
      await rm(ownerPath, { force: true });
      // Somebody else's by now, when it was lost.
      await release().catch(() => {});
    };
  } finally {
    await look().catch(() => {});
  }
}

/** Makes the folder that the database's folder and its locks are in. */
export async function makeParent(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
}

/** The computer, its start and, where there are such, the namespace of process numbers. */
async function thisMachine(): Promise<string> {
  const start = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${hostname()} ${start.trim()} ${namespace}`;
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const { pid, machine } = JSON.parse(await readFile(path, 'utf8')) as Partial<Owner>;
    return typeof pid === 'number' && typeof machine === 'string' ? { pid, machine } : undefined;
  } catch {
    // None, or one that was cut short: then only time tells.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function lockedError(folder: string, owner: Owner | undefined): ParleyError {
  const who = owner ? `process ${owner.pid}` : 'another process';
  return new ParleyError(
    `The database in ${folder} is in use by ${who}, and only one may use it. End that one, choose another folder with PARLEY_DATA_DIR, or let several servers share a PostgreSQL by DATABASE_URL.`,
    { code: 'store.locked', status: 503 },
  );
}
