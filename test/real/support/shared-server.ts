import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WatchedProcess } from '../../../bench/support/watched-process.js';

/** The first start may have to fetch the models. */
export const readyWithinMs = 600_000;

/** A server as a user starts it, which all cases use one after the other; each leaves no call behind. */
export type SharedServer = {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  /** Of its realtime calls. */
  readonly realtime: string;
  readonly process: WatchedProcess;
  readonly dataDir: string;
  remove(): Promise<void>;
};

/** @throws with its output when it ends, or is not ready in time */
export async function startSharedServer(): Promise<SharedServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-real-'));
  const process = new WatchedProcess(['bin/parley.js', 'start'], {
    PARLEY_PORT: '0',
    PARLEY_HOST: '127.0.0.1',
    PARLEY_API_KEY: '',
    PARLEY_DATA_DIR: dataDir,
    PARLEY_DRAIN_MS: '0',
    PARLEY_LOG_LEVEL: 'warn',
  });
  const remove = async (): Promise<void> => {
    await process.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const [, address = ''] = await process.wrote(/listens at http:\/\/(127\.0\.0\.1:\d+)/, readyWithinMs);
    await process.wrote(/Ready after/, readyWithinMs);
    return {
      url: `http://${address}/`,
      realtime: `ws://${address}/v1/realtime?model=parley`,
      process,
      dataDir,
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
