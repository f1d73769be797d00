import { constants } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { type ServerOptions, startServer } from '../main.js';
import { readSettings } from '../settings/settings.js';
import { fail } from './fail.js';
import { createProgressRenderer } from './progress.js';

/** `parley start`: the server, until Ctrl-C or SIGTERM. */
export function startCommand(): Command {
  return new Command('start')
    .description('start the server: fetches the models on the first start, then answers calls')
    .option('--tls', 'speak https and wss, with a certificate that is made here unless one is given')
    .option('--tls-cert <file>', 'certificate to use, PEM; needs --tls-key')
    .option('--tls-key <file>', 'its private key, PEM')
    .addHelpText(
      'after',
      `
Environment:
  PARLEY_PORT       port to listen on (8787; 0 picks a free one)
  PARLEY_HOST       address to listen on (127.0.0.1)
  PARLEY_DATA_DIR   recordings and event logs of calls (~/.parley)
  PARLEY_CACHE_DIR  model weights and computed prompts (~/.cache/parley)
  PARLEY_MAX_CALLS  calls at once (2)
  PARLEY_API_KEY    when set, every connection must carry it; required beyond this computer
  PARLEY_SECRET     signs the secrets that browsers are given; the same on every server of one service
                    (made in the data folder)
  PARLEY_TLS        on for https and wss, as --tls
  PARLEY_TLS_CERT, PARLEY_TLS_KEY
                    as --tls-cert and --tls-key
  PARLEY_DRAIN_MS   how long calls may go on after Ctrl-C or SIGTERM, before each
                    hears a goodbye; a second signal ends at once (30000)
  PARLEY_SELF_TEST  on or off: measure this machine at start, two seconds (on)
  PARLEY_LOG_LEVEL  debug, info, warn, error or silent (info)
  PARLEY_LOG_WORDS  on: the log has what callers and agents say (off)`,
    )
    .action((flags: Flags) => runServer({}, flags));
}

type Flags = { readonly tls?: true; readonly tlsCert?: string; readonly tlsKey?: string };

/** What is said on the command line goes before the environment. */
function withFlags(env: NodeJS.ProcessEnv, { tls, tlsCert, tlsKey }: Flags): NodeJS.ProcessEnv {
  const given = tls === true || tlsCert !== undefined || tlsKey !== undefined;
  return {
    ...env,
    ...(given ? { PARLEY_TLS: 'on' } : {}),
    ...(tlsCert === undefined ? {} : { PARLEY_TLS_CERT: tlsCert }),
    ...(tlsKey === undefined ? {} : { PARLEY_TLS_KEY: tlsKey }),
  };
}

/** Runs the server until it is told to stop; then the process ends. */
export async function runServer(options: Pick<ServerOptions, 'bringUp'> = {}, flags: Flags = {}): Promise<void> {
  const startedAt = performance.now();
  const progress = createProgressRenderer(process.stderr);
  const settings = readSettings(withFlags(process.env, flags));
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
  if (server.trustFile !== undefined) process.stderr.write(howToTrust(resolve(server.trustFile)));
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

function howToTrust(file: string): string {
  return `Its certificate was made here, so clients have to be told to trust it:
  Node     NODE_EXTRA_CA_CERTS=${file}
  Python   SSL_CERT_FILE=${file}
  curl     --cacert ${file}
`;
}
