import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const command = join(repositoryRoot, 'bin/parley.js');

const pollMs = 250;
const stopDeadlineMs = 10_000;
const keptOutputCharacters = 4_000;

/** `stop` sends SIGTERM and returns the exit code. */
export type RealServer = { readonly url: string; readonly pid: number; stop(): Promise<number | null> };

/**
 * Starts `parley start` as a user does and waits until it is ready.
 * @throws with the end of its output when it exits, or is not ready in time
 */
export async function startRealServer(options: {
  readonly readyWithinMs: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Everything it prints, as it comes. */
  readonly onOutput?: (text: string) => void;
}): Promise<RealServer> {
  const port = await freePort();
  const child = spawn(process.execPath, [command, 'start'], {
    cwd: repositoryRoot,
    env: { PARLEY_DRAIN_MS: '0', ...process.env, ...options.env, PARLEY_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    options.onOutput?.(chunk.toString());
    output = (output + chunk.toString()).slice(-keptOutputCharacters);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const url = `http://127.0.0.1:${port}/`;
  const deadline = performance.now() + options.readyWithinMs;
  while (!(await isReady(url))) {
    const exited = child.exitCode !== null || child.signalCode !== null;
    if (exited || performance.now() > deadline) {
      await stop(child);
      const what = exited
        ? `exited with ${child.exitCode ?? child.signalCode}`
        : `was not ready in ${options.readyWithinMs} ms`;
      throw new Error(`The server ${what}. The end of its output:\n${output}`);
    }
    await pause(pollMs);
  }
  return { url, pid: child.pid ?? 0, stop: () => stop(child) };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(new URL('/ready', url), { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
  await exited;
  clearTimeout(killer);
  return child.exitCode;
}

/** Free at this moment; another process could take it before the server does, which then says so. */
function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => done(port));
    });
  });
}
