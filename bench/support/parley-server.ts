import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WatchedProcess } from './watched-process.js';

const readyWithinMs = 600_000;
const stopWithinMs = 30_000;

/** As a user starts it. */
export const parleyStart: readonly string[] = ['bin/parley.js', 'start'];

export type ParleyServerOptions = {
  readonly maxCalls: number;
  /** As for `node`. @defaultValue `parleyStart` */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it keeps what it notes. @defaultValue a folder that goes with it */
  readonly dataDir?: string;
};

/** Starts a server on a free port of this machine, does what is to be measured once it is ready, and ends it. */
export async function withParleyServer<T>(
  { maxCalls, args = parleyStart, env = {}, dataDir }: ParleyServerOptions,
  work: (server: { readonly process: WatchedProcess; readonly host: string }) => Promise<T>,
): Promise<T> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'parley-bench-')));
  await mkdir(folder, { recursive: true });
  const server = new WatchedProcess(args, {
    PARLEY_PORT: '0',
    PARLEY_HOST: '127.0.0.1',
    PARLEY_API_KEY: '',
    PARLEY_DATA_DIR: folder,
    PARLEY_DRAIN_MS: '0',
    PARLEY_LOG_LEVEL: 'warn',
    PARLEY_MAX_CALLS: String(maxCalls),
    ...env,
  });
  try {
    const [, port] = await server.wrote(/listens at https?:\/\/127\.0\.0\.1:(\d+)/, readyWithinMs);
    await server.wrote(/Ready after/, readyWithinMs);
    return await work({ process: server, host: `127.0.0.1:${port}` });
  } finally {
    await server.stop('SIGINT', stopWithinMs);
    if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
  }
}
