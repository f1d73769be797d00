import { resolve } from 'node:path';
import { Command } from 'commander';
import { startServer } from '../main.js';
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
  PARLEY_LOG_LEVEL  debug, info, warn, error or silent (info)`,
    )
    .action(start);
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

async function start(flags: Flags): Promise<void> {
  const startedAt = performance.now();
  const progress = createProgressRenderer(process.stderr);
  const settings = readSettings(withFlags(process.env, flags));
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
