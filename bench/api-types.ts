import { join } from 'node:path';
import { Option } from 'commander';
import { haveConversations } from './api/types-job.js';
import { typesReport } from './api/types-report.js';
import { planCallers, shortOrders } from './load/levels.js';
import { type BenchFlags, wholeNumber } from './support/bench.js';
import { withParleyServer } from './support/parley-server.js';
import { audioDir, readSpeechTable } from './support/recordings.js';
import type { BenchResult } from './support/report.js';

export type ApiTypesFlags = BenchFlags & { readonly quick?: true; readonly seed: number };

export const apiTypesOptions = [
  new Option('--quick', 'one short conversation in each type: whether everything works'),
  new Option('--seed <n>', 'which orders are spoken').argParser(wholeNumber).default(7),
];

/** The same turns as a managed agent, as three modules that a client joins, and as speech to speech. */
export async function benchApiTypes(flags: ApiTypesFlags): Promise<BenchResult> {
  const ordersDir = join(audioDir(flags.audio), 'coffee-orders');
  const orders = shortOrders(await readSpeechTable(ordersDir), flags.limit);
  const level = { model: 'local', callsAtOnce: 1, callsEach: flags.quick ? 1 : 4 } as const;
  const options = { levels: [level], turns: flags.quick ? 2 : 4, seed: flags.seed };
  const [caller] = planCallers(orders, level, options);
  const conversations = (caller?.calls ?? []).map(({ turns }) => turns.map(({ file }) => file));
  const report = await withParleyServer({ maxCalls: 2, env: { PARLEY_SELF_TEST: 'off' } }, ({ host }) =>
    haveConversations({ host, ordersDir, conversations }),
  );
  return typesReport(report, flags.seed);
}
