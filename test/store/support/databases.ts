import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { Store, type StoreOptions } from '../../../src/store/store.js';
import { type PostgresCluster, postgresBinaries, startCluster } from './postgres-cluster.js';

export type TestedDatabase = 'embedded' | 'PostgreSQL';

/** The databases that the suite runs on here; says which it leaves out. */
export async function testedDatabases(): Promise<readonly TestedDatabase[]> {
  if (await postgresBinaries()) return ['embedded', 'PostgreSQL'];
  console.log('skipped 1 of 2 databases: no PostgreSQL in /usr/lib/postgresql (apt-get install postgresql)');
  return ['embedded'];
}

/** Databases for tests: each is new, and all go away with `close`. */
export class Databases {
  readonly #folders: string[] = [];
  #cluster: Promise<PostgresCluster> | undefined;
  #template: Promise<string> | undefined;
  readonly #stores: Store[] = [];

  /** What a new store of this kind is opened with. The embedded database has been made already, which takes seconds. */
  async fresh(kind: TestedDatabase): Promise<StoreOptions> {
    const dataDir = await this.folder();
    if (kind === 'embedded') {
      this.#template ??= this.#makeTemplate();
      await cp(await this.#template, join(dataDir, 'db'), { recursive: true });
      return { databaseUrl: undefined, dataDir };
    }
    this.#cluster ??= this.#startCluster();
    return { databaseUrl: await (await this.#cluster).createDatabase(), dataDir };
  }

  /** A store that is closed with the others. */
  open(options: StoreOptions): Store {
    const store = new Store(options);
    this.#stores.push(store);
    return store;
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-store-'));
    this.#folders.push(folder);
    return folder;
  }

  async closeStores(): Promise<void> {
    await Promise.all(this.#stores.splice(0).map((store) => store.close()));
  }

  async close(): Promise<void> {
    await this.closeStores();
    await (await this.#cluster)?.close();
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
  }

  async #startCluster(): Promise<PostgresCluster> {
    const binaries = await postgresBinaries();
    if (binaries === undefined) throw new Error('PostgreSQL is not installed here.');
    return startCluster(binaries);
  }

  /** Made once in a run, by whichever test file needs it first; two that begin together both make it, and one is kept. */
  async #makeTemplate(): Promise<string> {
    const template = join(inject('runFolder'), 'db');
    if (existsSync(template)) return template;
    const dataDir = await this.folder();
    const store = new Store({ databaseUrl: undefined, dataDir });
    await store.open();
    await store.close();
    await rename(join(dataDir, 'db'), template).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return template;
  }
}
