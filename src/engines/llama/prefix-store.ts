import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Token } from 'node-llama-cpp';

/** About 29 kB a token: a 1,000-token prompt is 29 MB. */
const maxFiles = 24;

/** Computed prompt prefixes on disk, one file for each (model, token sequence); the least recently used go. */
export class PrefixStore {
  readonly #dir: string;
  readonly #modelKey: string;

  constructor(dir: string, modelKey: string) {
    this.#dir = dir;
    this.#modelKey = modelKey;
  }

  fileOf(tokens: readonly Token[]): string {
    const hash = createHash('sha256').update(this.#modelKey).update('\0').update(tokens.join(','));
    return join(this.#dir, `${hash.digest('hex').slice(0, 40)}.kv`);
  }

  async has(file: string): Promise<boolean> {
    const there = await stat(file).then(
      () => true,
      () => false,
    );
    if (there) await utimes(file, new Date(), new Date()).catch(() => {});
    return there;
  }

  async save(file: string, write: (temporary: string) => Promise<void>): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    const temporary = `${file}.${process.pid}.tmp`;
    await write(temporary);
    await rename(temporary, file);
    await this.#evict();
  }

  async remove(file: string): Promise<void> {
    await rm(file, { force: true });
  }

  async #evict(): Promise<void> {
    const names = (await readdir(this.#dir)).filter((name) => name.endsWith('.kv'));
    if (names.length <= maxFiles) return;
    const aged = await Promise.all(
      names.map(async (name) => ({
        name,
        usedMs: (await stat(join(this.#dir, name)).catch(() => undefined))?.mtimeMs ?? 0,
      })),
    );
    aged.sort((a, b) => a.usedMs - b.usedMs);
    for (const { name } of aged.slice(0, aged.length - maxFiles)) await rm(join(this.#dir, name), { force: true });
  }
}
