import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);
const installed = '/usr/lib/postgresql';
const startWithinMs = 30_000;
/** PostgreSQL refuses to run as root; this is `nobody`. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A PostgreSQL server of its own, in a folder that goes away with it. */
export type PostgresCluster = {
  /** The address of a new, empty database. */
  createDatabase(): Promise<string>;
  close(): Promise<void>;
};

/** The folder of the newest PostgreSQL that is installed; undefined when there is none. */
export async function postgresBinaries(): Promise<string | undefined> {
  const versions = await readdir(installed).catch(() => []);
  const newest = versions
    .map(Number)
    .filter(Number.isFinite)
    .sort((a, b) => b - a)[0];
  return newest === undefined ? undefined : join(installed, String(newest), 'bin');
}

export async function startCluster(binaries: string): Promise<PostgresCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-postgres-'));
  if (unprivileged.uid !== undefined) await chown(folder, unprivileged.uid, unprivileged.gid);
  const data = join(folder, 'data');
  await run(join(binaries, 'initdb'), ['-D', data, '-U', 'parley', '-A', 'trust', '--no-sync', '-E', 'UTF8'], {
    ...unprivileged,
    cwd: folder,
  });
  const port = await freePort();
  const options = ['-D', data, '-k', folder, '-h', '127.0.0.1', '-p', String(port), '-F', '-c', 'max_connections=40'];
  const server = spawn(join(binaries, 'postgres'), options, { ...unprivileged, cwd: folder, stdio: 'ignore' });
  const url = (name: string): string => `postgres://parley@127.0.0.1:${port}/${name}`;
  await answers(url('postgres'), server);
  let databases = 0;
  return {
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      const client = new pg.Client({ connectionString: url('postgres') });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return url(name);
    },
    async close() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      // "Immediate": whatever is still connected is not waited for.
      server.kill('SIGQUIT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + startWithinMs;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > giveUpAt || server.exitCode !== null) throw error;
      await sleep(50);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
