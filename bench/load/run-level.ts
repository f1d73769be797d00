import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOfTree } from '../support/process-cpu.js';
import { memoryOfTree } from '../support/process-memory.js';
import { WatchedProcess } from '../support/watched-process.js';
import { type CallersReport, makeCallsAtOnce } from './callers-job.js';
import type { CallerPlan, Level, ModelKind } from './levels.js';

const readyWithinMs = 600_000;
const stopWithinMs = 30_000;

const start: Readonly<Record<ModelKind, readonly string[]>> = {
  local: ['bin/parley.js', 'start'],
  scripted: ['--import', 'tsx', fileURLToPath(new URL('./server.ts', import.meta.url))],
};

/** A level as it went. */
export type LevelRun = CallersReport & {
  readonly level: Level;
  readonly server: {
    /** Of all its processes, while calls were made. */
    readonly cpuSeconds: number;
    /** Of all its processes, when the last call had ended. */
    readonly bytes: number;
    /** Of its main process, beyond what a timer takes anyway. */
    readonly eventLoopDelayP99Ms: number;
    readonly hostDeaths: number;
  };
};

/** Makes the calls of one level to a server of its own. `keepDir`: where the server keeps what it notes of them. */
export async function runLevel(
  level: Level,
  plans: readonly CallerPlan[],
  { ordersDir, keepDir }: { readonly ordersDir: string; readonly keepDir?: string },
): Promise<LevelRun> {
  const dataDir = keepDir ?? (await mkdtemp(join(tmpdir(), 'parley-load-')));
  await mkdir(dataDir, { recursive: true });
  const server = new WatchedProcess(start[level.model], {
    PARLEY_PORT: '0',
    PARLEY_HOST: '127.0.0.1',
    PARLEY_API_KEY: '',
    PARLEY_DATA_DIR: dataDir,
    PARLEY_DRAIN_MS: '0',
    PARLEY_LOG_LEVEL: 'warn',
    PARLEY_MAX_CALLS: String(level.callsAtOnce),
  });
  try {
    const [, port] = await server.wrote(/listens at https?:\/\/127\.0\.0\.1:(\d+)/, readyWithinMs);
    await server.wrote(/Ready after/, readyWithinMs);
    await server.resetDelay();
    const before = cpuSecondsOfTree(server.pid);
    const url = `ws://127.0.0.1:${port}/v1/realtime?model=parley`;
    const report = await makeCallsAtOnce({ url, plans, ordersDir });
    const cpuSeconds = cpuSecondsOfTree(server.pid) - before;
    const { eventLoopDelayMs } = await server.vitals();
    const bytes = memoryOfTree(server.pid, 'main').reduce((sum, each) => sum + each.bytes, 0);
    const hostDeaths = server.output.split('a model host died').length - 1;
    return { ...report, level, server: { cpuSeconds, bytes, eventLoopDelayP99Ms: eventLoopDelayMs.p99, hostDeaths } };
  } finally {
    await server.stop('SIGINT', stopWithinMs);
    if (keepDir === undefined) await rm(dataDir, { recursive: true, force: true });
  }
}
