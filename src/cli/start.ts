import { Command } from 'commander';
import { startServer } from '../main.js';
import { readSettings } from '../settings/settings.js';
import { fail } from './fail.js';
import { createProgressRenderer } from './progress.js';

/** `parley start`: the server, until Ctrl-C or SIGTERM. */
export function startCommand(): Command {
  return new Command('start')
    .description('start the server: fetches the models on the first start, then answers calls')
    .addHelpText(
      'after',
      `
Environment:
  PARLEY_PORT       port to listen on (8787; 0 picks a free one)
  PARLEY_HOST       address to listen on (127.0.0.1)
  PARLEY_DATA_DIR   recordings and event logs of calls (~/.parley)
  PARLEY_CACHE_DIR  model weights and computed prompts (~/.cache/parley)
  PARLEY_MAX_CALLS  calls at once (2)
  PARLEY_API_KEY    when set, every connection must carry it
  PARLEY_SELF_TEST  on or off: measure this machine at start, two seconds (on)
  PARLEY_LOG_LEVEL  debug, info, warn, error or silent (info)`,
    )
    .action(start);
}

async function start(): Promise<void> {
  const startedAt = performance.now();
  const progress = createProgressRenderer(process.stderr);
  const settings = readSettings(process.env);
  const server = await startServer({ settings, onModelProgress: progress.onProgress });
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) {
      // A second Ctrl-C means now.
      process.exit(130);
    }
    stopping = true;
    process.stderr.write(`\n${signal}: ending calls and stopping the model hosts…\n`);
    server.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.stderr.write(`Parley listens at ${server.url}. Loading models…\n`);
  try {
    await server.ready;
  } catch (error) {
    if (stopping) return;
    progress.close();
    await server.close();
    fail(error);
  }
  progress.close();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`Ready after ${seconds} s. Talk to it: open ${server.url} or run: npx parley call FILE\n`);
}
