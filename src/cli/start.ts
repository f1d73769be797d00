import { constants } from 'node:os';
import { Command } from 'commander';
import { type ServerOptions, startServer } from '../main.js';
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
  PARLEY_DRAIN_MS   how long calls may go on after Ctrl-C or SIGTERM, before each
                    hears a goodbye; a second signal ends at once (30000)
  PARLEY_LOG_LEVEL  debug, info, warn, error or silent (info)
  PARLEY_LOG_WORDS  on: the log has what callers and agents say (off)`,
    )
    .action(() => runServer());
}

/** Runs the server until it is told to stop; then the process ends. */
export async function runServer(options: Pick<ServerOptions, 'bringUp'> = {}): Promise<void> {
  const startedAt = performance.now();
  const progress = createProgressRenderer(process.stderr);
  const settings = readSettings(process.env);
  const server = await startServer({ ...options, settings, onModelProgress: progress.onProgress });
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    // A second one means now.
    if (stopping) process.exit(128 + constants.signals[signal]);
    stopping = true;
    const calls = server.liveCalls();
    const seconds = Math.round(settings.drainMs / 1_000);
    const waiting = `${calls === 1 ? 'one call' : `${calls} calls`} may go on for up to ${seconds} s; again to end at once`;
    process.stderr.write(`\n${signal}: no new calls${calls === 0 ? '' : `; ${waiting}`}.\n`);
    server
      .drain()
      .then(server.close)
      .then(
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
