import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { fail } from '../src/cli/fail.js';
import { clients } from './clients.js';
import { reportOf, tableOf } from './report.js';
import { runConformance } from './run-conformance.js';

type Flags = { readonly scripted?: true; readonly json?: string; readonly client?: string; readonly call?: string };

new Command('conformance')
  .description('run official clients, as they are published, against a server that is started for it')
  .option('--scripted', 'with scripted engines in place of models: the protocols alone, in seconds')
  .option('--client <name>', `only one of: ${clients.map(({ name }) => name).join('; ')}`)
  .option('--call <text>', 'only calls with this in their names')
  .option('--json <file>', 'write what came of each call')
  .addHelpText('after', '\nExit code: 0 when every call passed, 1 otherwise.')
  .action(async ({ scripted, client, call, json }: Flags) => {
    if (client !== undefined && !clients.some(({ name }) => name === client))
      throw new Error(
        `There is no client "${client}"; expected one of: ${clients.map(({ name }) => name).join('; ')}.`,
      );
    const engines = scripted ? 'scripted' : 'real';
    const { outcomes, skipped } = await runConformance({ engines, client, call });
    const report = reportOf(engines, { outcomes, skipped });
    process.stdout.write(`${tableOf(report)}\n`);
    if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
    if (outcomes.length === 0 || outcomes.some(({ passed }) => !passed)) process.exitCode = 1;
  })
  .parseAsync()
  .then(() => process.exit(process.exitCode), fail);
