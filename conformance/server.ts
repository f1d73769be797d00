import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WatchedProcess } from '../bench/support/watched-process.js';

/** The first start may have to fetch models. */
const readyWithinMs = 900_000;
const stopWithinMs = 30_000;
const start = {
  real: ['bin/parley.js', 'start', '--tls'],
  scripted: ['--import', 'tsx', fileURLToPath(new URL('./scripted-server-process.ts', import.meta.url))],
} as const;

export type EngineKind = keyof typeof start;

export type ServerUnderTest = {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly apiKey: string;
  readonly caFile: string;
  /** The end of what it wrote. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
};

/** A server as a user starts it, with TLS, a key and an empty data folder. @throws when it does not become ready */
export async function startServerUnderTest(
  engines: EngineKind,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerUnderTest> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-conformance-'));
  const apiKey = 'a-key-for-conformance';
  const server = new WatchedProcess(start[engines], {
    PARLEY_PORT: '0',
    PARLEY_HOST: '127.0.0.1',
    PARLEY_API_KEY: apiKey,
    PARLEY_DATA_DIR: dataDir,
    PARLEY_DRAIN_MS: '0',
    PARLEY_SELF_TEST: 'off',
    PARLEY_LOG_LEVEL: 'warn',
    ...env,
  });
  const stop = async (): Promise<void> => {
    await server.stop('SIGTERM', stopWithinMs);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const [, url = ''] = await server.wrote(/listens at (https:\/\/127\.0\.0\.1:\d+)/, readyWithinMs);
    await server.wrote(/Ready after/, readyWithinMs);
    return { url, apiKey, caFile: join(dataDir, 'tls/certificate.pem'), output: () => server.output, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
