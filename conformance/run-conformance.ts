import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Outcomes } from './case.js';
import type { RunRequest } from './run-clients.js';
import { type EngineKind, startServerUnderTest } from './server.js';

const script = fileURLToPath(new URL('./run-clients.ts', import.meta.url));

/**
 * Calls that are tried at the same time. Real engines answer one after the other, as on a machine that carries two calls; with
 * scripted ones a call is waiting for most of its time.
 */
const atOnce = { real: 1, scripted: 4 } as const;

/**
 * Starts a server and runs the clients against it.
 * @throws when the server does not start, or the clients' process ends before it has told how they went
 */
export async function runConformance({
  engines,
  client,
  call,
  fetching = true,
}: {
  readonly engines: EngineKind;
  /** @defaultValue all of them */
  readonly client?: string | undefined;
  /** Only calls with this in their names. @defaultValue all of them */
  readonly call?: string | undefined;
  /** Whether clients may be fetched that npm does not have. @defaultValue true */
  readonly fetching?: boolean;
}): Promise<Outcomes> {
  // A call that has just ended may still hold its place.
  const places = { real: {}, scripted: { PARLEY_MAX_CALLS: String(2 * atOnce.scripted) } };
  const server = await startServerUnderTest(engines, places[engines]);
  const { url, apiKey, caFile } = server;
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const request: RunRequest = {
      url,
      apiKey,
      caFile,
      scripted: engines === 'scripted',
      client,
      call,
      fetching,
      atOnce: atOnce[engines],
    };
    child.send(request);
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(
        `The clients' process ended with ${code} before it was done. The server wrote:\n${server.output()}`,
      );
    });
    const [outcomes] = (await Promise.race([once(child, 'message'), ended])) as [Outcomes];
    // It ends by itself, which is no failure any more.
    ended.catch(() => {});
    return outcomes;
  } finally {
    child.kill();
    await server.stop();
  }
}
