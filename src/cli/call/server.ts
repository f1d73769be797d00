import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ParleyError } from '../../audio/error.js';
import type { Trust } from '../../client/node-socket.js';
import { isLoopback } from '../../settings/settings.js';
import { probeTimeoutMs } from './probe-request.js';
import { addressOf, probe } from './probe-server.js';

/** A first start downloads the models. */
const defaultReadyTimeoutMs = 10 * 60_000;
const pollMs = 250;
const stopTimeoutMs = 10_000;
const largestOutputCharacters = 16_384;
const outputLinesShown = 20;

export type ServerOptions = {
  /** Address of the realtime socket; `/ready` is asked at the same host and port. */
  readonly url: string;
  /** What starts a server. @defaultValue this package's `parley start` */
  readonly command?: readonly [file: string, ...args: string[]];
  /** @defaultValue 600000 */
  readonly readyTimeoutMs?: number;
  /** @defaultValue what Node trusts */
  readonly trust?: Trust;
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
};

export type ServerHandle = {
  /** Whether it was started for this call. */
  readonly started: boolean;
  /** Ends a server that was started here, and nothing else. Idempotent. */
  stop(): Promise<void>;
};

/**
 * Makes sure that a server is ready behind `url`: uses the one that runs there, waits for one that is loading, or
 * starts one.
 *
 * @throws ParleyError `call.bad_url`; `call.foreign_server` when something else answers there; `call.no_server` when
 * nothing does and none can be started, or the one that was started ends or is not ready in time;
 * `call.untrusted_certificate`; `client.aborted`.
 */
export async function ensureServer(options: ServerOptions): Promise<ServerHandle> {
  const address = addressOf(options.url);
  const { onProgress = () => {}, signal } = options;
  const trust = options.trust ?? (() => undefined);
  const first = await probe(address, trust);
  if (first.state === 'ready') return { started: false, stop: async () => {} };
  if (first.state === 'untrusted') throw untrusted(address, first.why);
  if (first.state === 'other') throw foreign(address, first.seen);
  if (first.state === 'unavailable') throw unavailable(address, first.why);
  if (first.state === 'silent') throw silent(address);
  if (first.state === 'nothing' && !isLoopback(address.hostname)) {
    throw noServer(`Nothing answers at ${address.origin}; start a server there, or leave out --url to start one here.`);
  }
  const server = first.state === 'nothing' ? startServer(address, options.command ?? ownStartCommand()) : undefined;
  const handle: ServerHandle = { started: server !== undefined, stop: async () => server?.stop() };
  if (server) onProgress('No server is running: starting one. The first start downloads the models (several minutes).');
  try {
    await untilReady(address, trust, server, options.readyTimeoutMs ?? defaultReadyTimeoutMs, onProgress, signal);
    return handle;
  } catch (error) {
    await handle.stop();
    throw error;
  }
}

async function untilReady(
  address: URL,
  trust: Trust,
  server: StartedServer | undefined,
  timeoutMs: number,
  onProgress: (message: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const startMs = performance.now();
  let shown = '';
  for (;;) {
    const found = await probe(address, trust);
    if (signal?.aborted)
      throw new ParleyError('Stopped before the call began.', { code: 'client.aborted', status: 499 });
    if (found.state === 'ready') return;
    if (found.state === 'untrusted') throw untrusted(address, found.why);
    if (found.state === 'other') throw foreign(address, found.seen);
    // One that was started here ends in a moment, and its output says more.
    if (found.state === 'unavailable' && !server) throw unavailable(address, found.why);
    if (server?.ended) throw noServer(`The server ended before it was ready.${server.output()}`);
    if (found.state === 'nothing' && !server) throw noServer(`The server at ${address.origin} has gone while loading.`);
    if (performance.now() - startMs > timeoutMs) {
      const advice = 'start it by hand with "parley start" to see what it waits for.';
      throw noServer(
        `The server was not ready within ${Math.round(timeoutMs / 1000)} s; ${advice}${server?.output() ?? ''}`,
      );
    }
    const message = server ? server.lastLine() : found.state === 'loading' ? loading(found.names) : 'starting…';
    if (message !== '' && message !== shown) onProgress(message);
    if (message !== '') shown = message;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

type StartedServer = {
  readonly ended: boolean;
  /** The last lines it printed, for an error message; empty when it printed nothing. */
  output(): string;
  /** Its last line for people; empty when that is a log record. */
  lastLine(): string;
  stop(): Promise<void>;
};

function ownStartCommand(): readonly [string, ...string[]] {
  // The same depth below the package's root in src/ and in dist/.
  return [process.execPath, fileURLToPath(new URL('../../../bin/parley.js', import.meta.url)), 'start'];
}

function startServer(address: URL, [file, ...args]: readonly [string, ...string[]]): StartedServer {
  let printed = '';
  let ended = false;
  const child: ChildProcess = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group: Ctrl-C ends the call first, which then ends the server.
    detached: true,
    env: {
      ...process.env,
      PARLEY_HOST: address.hostname.replace(/^\[|\]$/g, ''),
      PARLEY_PORT: address.port || (address.protocol === 'https:' ? '443' : '80'),
      PARLEY_TLS: address.protocol === 'https:' ? 'on' : 'off',
    },
  });
  const read = (part: Buffer): void => {
    printed = (printed + part.toString('utf8')).slice(-largestOutputCharacters);
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      printed += `\n${error.message}`;
      resolve();
    });
  }).then(() => {
    ended = true;
    process.removeListener('exit', kill);
  });
  const kill = (): void => {
    child.kill('SIGTERM');
  };
  process.once('exit', kill);

  const lines = (): string[] => printed.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return {
    get ended() {
      return ended;
    },
    output() {
      const last = lines().slice(-outputLinesShown);
      return last.length === 0 ? '' : ` Its last output:\n${last.map((line) => `  ${line}`).join('\n')}`;
    },
    lastLine() {
      const last = lines().at(-1) ?? '';
      return last.startsWith('{') ? '' : last;
    },
    async stop() {
      if (ended) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function loading(names: readonly string[]): string {
  return `loading models${names.length > 0 ? ` (${names.join(', ')})` : ''}…`;
}

function silent(address: URL): ParleyError {
  return noServer(
    `Nothing at ${address.origin} answered within ${probeTimeoutMs / 1000} s: it cannot be reached, hangs, or is no HTTP server. Check the address, or name another with --url.`,
  );
}

function unavailable(address: URL, why: string): ParleyError {
  return noServer(`The server at ${address.origin} takes no calls: ${why}.`);
}

function foreign(address: URL, seen: string): ParleyError {
  return new ParleyError(
    `Something else than a Parley server listens at ${address.origin} (${seen}); ` +
      'stop it, or name another port, for example --url ws://127.0.0.1:8790/v1/realtime?model=parley.',
    { code: 'call.foreign_server', status: 409 },
  );
}

function untrusted(address: URL, why: string): ParleyError {
  return new ParleyError(
    `The certificate of ${address.origin} is not trusted (${why}); name the file that "parley start --tls" says with --ca FILE.`,
    { code: 'call.untrusted_certificate', status: 502 },
  );
}

function noServer(message: string): ParleyError {
  return new ParleyError(message, { code: 'call.no_server', retryable: true, status: 503 });
}
