import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { formatBytes } from '../progress.js';
import { broken, type CheckResult, note, ok } from './check-result.js';

export type FolderNeed = {
  readonly name: string;
  readonly path: string;
  /** Still to be written there. */
  readonly neededBytes: number;
  /** The variable that names another folder. */
  readonly variable: string;
};

/** Whether a folder, or the one that it would be made in, can be written, and has room. Makes nothing. */
export async function checkFolder({ name, path, neededBytes, variable }: FolderNeed): Promise<CheckResult> {
  const existing = await nearestExisting(resolve(path));
  const elsewhere = `choose another folder: ${variable}=/a/folder`;
  if (!(await stat(existing)).isDirectory()) return broken(name, `${existing} is a file`, elsewhere);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
  } catch {
    return broken(name, `${existing} cannot be written`, `sudo chown -R "$USER" ${existing}, or ${elsewhere}`);
  }
  const disk = await statfs(existing);
  const freeBytes = disk.bavail * disk.bsize;
  const found = `${path}, ${formatBytes(freeBytes)} free`;
  if (freeBytes < neededBytes)
    return broken(name, `${found}; ${formatBytes(neededBytes)} are needed`, `free some space, or ${elsewhere}`);
  return existing === resolve(path) ? ok(name, found) : note(name, `${found}; made at the first start`);
}

async function nearestExisting(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (await stat(folder).catch(() => undefined)) return folder;
    if (folder === dirname(folder)) return folder;
  }
}
