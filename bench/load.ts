import { join } from 'node:path';
import { Option } from 'commander';
import { defaultLoad, type LoadOptions, type ModelKind, planCallers, quickLoad, shortOrders } from './load/levels.js';
import { loadReport } from './load/report.js';
import { type LevelRun, runLevel } from './load/run-level.js';
import { type BenchFlags, wholeNumber } from './support/bench.js';
import { audioDir, readSpeechTable } from './support/recordings.js';
import type { BenchResult } from './support/report.js';

export type LoadFlags = BenchFlags & {
  readonly quick?: true;
  readonly turns?: number;
  readonly seed: number;
  readonly only?: ModelKind;
  readonly keep?: string;
};

const models: readonly ModelKind[] = ['local', 'scripted'];

export const loadOptions = [
  new Option('--quick', 'a few turns of each level: whether everything works'),
  new Option('--turns <n>', `turns of each call (default: ${defaultLoad.turns})`).argParser(wholeNumber),
  new Option('--seed <n>', 'which orders, and when callers begin').argParser(wholeNumber).default(defaultLoad.seed),
  new Option('--only <model>', 'levels with one language model only').choices(models),
  new Option('--keep <dir>', "keep the server's recordings and event logs here"),
];

/** Several calls at once, level by level, each to a server process of its own with room for just as many. */
export async function benchLoad(flags: LoadFlags): Promise<BenchResult> {
  const ordersDir = join(audioDir(flags.audio), 'coffee-orders');
  const orders = shortOrders(await readSpeechTable(ordersDir), flags.limit);
  const standard = flags.quick ? quickLoad : defaultLoad;
  const options: LoadOptions = {
    levels: standard.levels.filter(({ model }) => flags.only === undefined || model === flags.only),
    turns: flags.turns ?? standard.turns,
    seed: flags.seed,
  };
  const runs: LevelRun[] = [];
  for (const level of options.levels) {
    const name = `${level.model}-${level.callsAtOnce}`;
    process.stderr.write(`${level.callsAtOnce} at once, ${level.model} language model\n`);
    const keepDir = flags.keep === undefined ? {} : { keepDir: join(flags.keep, name) };
    runs.push(await runLevel(level, planCallers(orders, level, options), { ordersDir, ...keepDir }));
  }
  return loadReport(runs, options);
}
