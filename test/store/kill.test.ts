import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { usageReport } from '../../src/platform/usage/usage-report.js';
import { apiKeys } from '../../src/store/schema.js';
import { Store, type StoreOptions } from '../../src/store/store.js';
import { randomFrom } from '../../src/testing/seeded-random.js';
import { Databases, testedDatabases } from './support/databases.js';
import { writingProcess } from './support/writing-process.js';

/** Set PARLEY_TEST_KILLS for more: 30 take about two minutes. */
const kills = Number(process.env.PARLEY_TEST_KILLS || 4);
/** After the first acknowledgement. */
const longestLifeMs = 1_000;
const databases = new Databases();
afterAll(() => databases.close());

type Acknowledged = { readonly keys: string[]; readonly used: Map<string, number> };

/** Lets a process write, and kills it in the middle of it. @returns what it has acknowledged */
async function writeUntilKilled({ dataDir, databaseUrl }: StoreOptions, lifeMs: number): Promise<Acknowledged> {
  const args = ['--import', 'tsx', writingProcess, dataDir, ...(databaseUrl === undefined ? [] : [databaseUrl])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: Acknowledged = { keys: [], used: new Map() };
  const exited = new Promise<string | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  let opened: () => void = () => {};
  const open = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => {
    const said = JSON.parse(line) as { open?: true; key?: string; used?: string; count?: number };
    if (said.open) opened();
    if (said.key !== undefined) acknowledged.keys.push(said.key);
    if (said.used !== undefined) acknowledged.used.set(said.used, said.count ?? 0);
  });
  const closed = new Promise((resolve) => lines.once('close', resolve));
  await Promise.race([open, exited.then((signal) => expect.unreachable(`ended before it wrote: ${signal}`))]);
  await sleep(lifeMs);
  child.kill('SIGKILL');
  expect(await exited).toBe('SIGKILL');
  await closed;
  return acknowledged;
}

describe.each(await testedDatabases())('a process that is killed while it writes to the %s database', (kind) => {
  it(`loses nothing that it has acknowledged, at ${kills} moments`, { timeout: kills * 20_000 }, async () => {
    const options = await databases.fresh(kind);
    const random = randomFrom(22);
    let keys = 0;
    let counts = 0;
    for (let kill = 0; kill < kills; kill++) {
      const acknowledged = await writeUntilKilled(options, random() * longestLifeMs);
      const store = new Store(options);
      try {
        const found = new Set(await allKeyIds(store));
        expect(acknowledged.keys.filter((id) => !found.has(id))).toEqual([]);
        for (const [name, count] of acknowledged.used) {
          const { rows } = await usageReport(store, {
            from: new Date(Date.now() - 7_200_000),
            to: new Date(Date.now() + 1),
            keyId: name,
            by: 'day',
          });
          const requests = rows.reduce((sum, row) => sum + row.requests, 0);
          const characters = rows.reduce((sum, row) => sum + row.characters, 0);
          // One more may have been written that the process did not live to acknowledge; none twice.
          expect([count, count + 1]).toContain(requests);
          expect(characters).toBe(10 * requests);
          counts += count;
        }
        keys += acknowledged.keys.length;
      } finally {
        await store.close();
      }
    }
    console.log(`${kind}: ${kills} kills, ${keys} keys and ${counts} counts of usage acknowledged and found`);
    expect(keys).toBeGreaterThan(0);
    expect(counts).toBeGreaterThan(0);
  });
});

/** All of them: a list for people is cut. */
async function allKeyIds(store: Store): Promise<string[]> {
  return (await store.use((db) => db.select({ id: apiKeys.id }).from(apiKeys))).map(({ id }) => id);
}
