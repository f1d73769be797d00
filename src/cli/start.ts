import { constants, homedir } from 'node:os';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { type RunningServer, type ServerOptions, startServer } from '../main.js';
import { describeSettings, readSettings } from '../settings/settings.js';
import { fail } from './fail.js';
import { createProgressRenderer } from './progress.js';

/** `parley start`: the server, until Ctrl-C or SIGTERM. */
export function startCommand(): Command {
  return new Command('start')
    .description('start the server: fetches the models on the first start, then answers calls')
    .option('--port <number>', 'port to listen on, as PARLEY_PORT')
    .option('--host <address>', 'address to listen on, as PARLEY_HOST')
    .option('--tls', 'speak https and wss, with a certificate that is made here unless one is given')
    .option('--tls-cert <file>', 'certificate to use, PEM; needs --tls-key')
    .option('--tls-key <file>', 'its private key, PEM')
    .addHelpText('after', () => `\n${examples}\n\nEnvironment:\n${settingsTable()}`)
    .action((flags: Flags) => runServer({}, flags));
}

const examples = `Examples:
  parley start
  parley start --port 8790
  parley start --tls
  PARLEY_API_KEY=a-long-secret parley start --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem
When it says "Ready", open http://127.0.0.1:8787 and press Talk. Ctrl-C ends it.
Exit code: 0 after Ctrl-C or SIGTERM, 1 when it cannot start.`;

/** Every variable with its meaning and default, in two columns. */
function settingsTable(): string {
  const settings = describeSettings();
  const indent = ' '.repeat(Math.max(...settings.map(({ name }) => name.length)) + 4);
  const lines = settings.flatMap(({ name, meaning, standard }) => {
    const text = standard === undefined ? meaning : `${meaning} (${standard.replace(homedir(), '~')})`;
    return wrap(text, helpColumns - indent.length).map((line, i) =>
      i === 0 ? `  ${name.padEnd(indent.length - 2)}${line}` : `${indent}${line}`,
    );
  });
  return lines.join('\n');
}

const helpColumns = 100;
const loadingEveryMs = 1_000;

function wrap(text: string, columns: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

type Flags = {
  readonly port?: string;
  readonly host?: string;
  readonly tls?: true;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
};

/** What is said on the command line goes before the environment. */
function withFlags(env: NodeJS.ProcessEnv, { port, host, tls, tlsCert, tlsKey }: Flags): NodeJS.ProcessEnv {
  const given = tls === true || tlsCert !== undefined || tlsKey !== undefined;
  return {
    ...env,
    ...(port === undefined ? {} : { PARLEY_PORT: port }),
    ...(host === undefined ? {} : { PARLEY_HOST: host }),
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
  const reporting = reportLoading(server);
  try {
    await server.ready;
  } catch (error) {
    if (stopping) return;
    progress.close();
    await server.close();
    fail(error);
  } finally {
    clearInterval(reporting);
  }
  progress.close();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(
    `Ready after ${seconds} s: ${server.agent} answers. Talk to it: open ${server.url} or run: npx parley call FILE\n`,
  );
}

/** Says what is waited for, where it is waited for. Models that are fetched have their own progress. */
function reportLoading(server: RunningServer): NodeJS.Timeout {
  let shown = '';
  return setInterval(() => {
    const steps = server.loading().filter((step) => step !== 'model files');
    const text = steps.join(', ');
    if (text !== '' && text !== shown) process.stderr.write(`loading: ${text}…\n`);
    shown = text;
  }, loadingEveryMs);
}

function howToTrust(file: string): string {
  return `Its certificate was made here, so clients have to be told to trust it:
  Node     NODE_EXTRA_CA_CERTS=${file}
  Python   SSL_CERT_FILE=${file}
  curl     --cacert ${file}
`;
}
