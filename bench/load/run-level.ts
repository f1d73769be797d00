import { fileURLToPath } from 'node:url';
import { parleyStart, withParleyServer } from '../support/parley-server.js';
import { cpuSecondsOfTree } from '../support/process-cpu.js';
import { memoryOfTree } from '../support/process-memory.js';
import { type CallersReport, makeCallsAtOnce } from './callers-job.js';
import type { CallerPlan, Level, ModelKind } from './levels.js';

const start: Readonly<Record<ModelKind, readonly string[]>> = {
  local: parleyStart,
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
  const options = { maxCalls: level.callsAtOnce, args: start[level.model], ...(keepDir ? { dataDir: keepDir } : {}) };
  return withParleyServer(options, async ({ process: server, host }) => {
    await server.resetDelay();
    const before = cpuSecondsOfTree(server.pid);
    const report = await makeCallsAtOnce({ url: `ws://${host}/v1/realtime?model=parley`, plans, ordersDir });
    const cpuSeconds = cpuSecondsOfTree(server.pid) - before;
    const { eventLoopDelayMs } = await server.vitals();
    const bytes = memoryOfTree(server.pid, 'main').reduce((sum, each) => sum + each.bytes, 0);
    const hostDeaths = server.output.split('a model host died').length - 1;
    return { ...report, level, server: { cpuSeconds, bytes, eventLoopDelayP99Ms: eventLoopDelayMs.p99, hostDeaths } };
  });
}
