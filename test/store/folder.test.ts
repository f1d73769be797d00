import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PgliteClient } from '../../src/store/pglite/client.js';
import { usageWriters } from '../../src/store/schema.js';
import type { StoreOptions } from '../../src/store/store.js';
import { Databases } from './support/databases.js';
import { writingProcess } from './support/writing-process.js';

const databases = new Databases();
afterAll(() => databases.close());
let options: StoreOptions;
let folder: string;
beforeEach(async () => {
  options = await databases.fresh('embedded');
  folder = join(options.dataDir, 'db');
});
afterEach(() => databases.closeStores());

const row = (id: string) => ({ id, lastBatch: 1, writtenAt: new Date() });

describe("the embedded database's folder", () => {
  it('is refused to a second process, which is told who has it, and is free when the first has died', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', writingProcess, options.dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout);
    await once(lines, 'line');
    await expect(databases.open(options).open()).rejects.toMatchObject({
      code: 'store.locked',
      message: expect.stringContaining(`process ${child.pid}`),
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await databases.open(options).open();
  });

  it('is refused to a second store in one process, and free when the first is closed', async () => {
    const first = databases.open(options);
    await first.open();
    await expect(databases.open(options).open()).rejects.toMatchObject({ code: 'store.locked' });
    await first.close();
    await databases.open(options).open();
  });

  it('goes to one of many that want it at once', async () => {
    const stores = Array.from({ length: 5 }, () => databases.open(options));
    const settled = await Promise.allSettled(stores.map((store) => store.open()));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it.each([
    ['without its control file', () => rm(join(folder, 'global/pg_control'))],
    ['with a control file of nothing', () => truncate(join(folder, 'global/pg_control'), 0)],
    ['without its log', () => rm(join(folder, 'pg_wal'), { recursive: true })],
    ['of another version', () => writeFile(join(folder, 'PG_VERSION'), '14\n')],
    ['with nothing in it that is a database', () => rm(folder, { recursive: true }).then(() => mkdir(folder))],
  ])('is named when it is damaged: %s', async (_how, damage) => {
    await damage();
    const before = await readdir(folder, { recursive: true });
    const store = databases.open(options);
    await expect(store.open()).rejects.toMatchObject({
      code: 'store.damaged',
      message: expect.stringContaining(folder),
    });
    // Nothing is made in its place: somebody may still have use for what is left.
    expect((await readdir(folder, { recursive: true })).length).toBeLessThanOrEqual(before.length + 1);
    await store.close();
    expect(existsSync(`${folder}.lock`)).toBe(false);
  });

  it('is whole or not there, when making it was broken off', async () => {
    await rm(folder, { recursive: true });
    await mkdir(join(`${folder}.part`, 'base'), { recursive: true });
    const store = databases.open(options);
    expect(store.exists).toBe(false);
    await store.use((db) => db.insert(usageWriters).values(row('a')));
    expect(existsSync(`${folder}.part`)).toBe(false);
  });

  it('is left at once when the store is closed while it is made', async () => {
    await rm(folder, { recursive: true });
    const events: unknown[] = [];
    const store = databases.open({ ...options, onEvent: (event) => events.push(event) });
    const opening = store.open();
    while (!existsSync(`${folder}.part`)) await new Promise((resolve) => setTimeout(resolve, 5));
    await store.close();
    await expect(opening).rejects.toMatchObject({ code: 'store.closed' });
    expect(events).toEqual([]);
    expect([existsSync(folder), existsSync(`${folder}.lock`)]).toEqual([false, false]);
  });

  it('is opened again when its worker hangs and is ended, with what was acknowledged', async () => {
    const client = new PgliteClient(folder, { statementMs: 1_000 });
    await client.query('create table t (id integer)');
    await client.query('insert into t values ($1)', [1]);
    const inside = client.transaction(async (tx) => {
      await tx.query('insert into t values (2)');
      await tx.query('select count(*) from generate_series(1, 1000000000)');
    });
    await expect(inside).rejects.toMatchObject({ code: 'store.unavailable', retryable: true });
    expect((await client.query('select id from t')).rows).toEqual([{ id: 1 }]);
    await client.close();
  });

  it('has its connection back when a transaction takes too long', async () => {
    const client = new PgliteClient(folder, { transactionMs: 50 });
    await client.query('create table t (id integer)');
    let after: Promise<unknown> = Promise.resolve();
    const stuck = client.transaction(async (tx) => {
      await tx.query('insert into t values (1)');
      await new Promise((resolve) => setTimeout(resolve, 150));
      after = tx.query('insert into t values (2)');
      await after;
    });
    await expect(stuck).rejects.toMatchObject({ code: 'store.transaction_over' });
    expect((await client.query('select id from t')).rows).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await expect(after).rejects.toMatchObject({ code: 'store.transaction_over' });
    expect((await client.query('select id from t')).rows).toEqual([]);
    await client.close();
  });
});

it('what was acknowledged has been handed to the disk', async () => {
  // PostgreSQL's own word: without fsync it would say "off", and a write-ahead log that is only in memory is none.
  const store = databases.open(options);
  const { rows } = (await store.use((db) =>
    db.execute(sql`select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'wal_sync_method')
                   order by name`),
  )) as unknown as { rows: { name: string; setting: string }[] };
  expect(rows.map(({ setting }) => setting)).toEqual(['on', 'on', 'fsync']);
});
