import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ensureServer } from './server.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/realtime`;
}

/** An address at which nothing listens. */
async function freeUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `ws://127.0.0.1:${port}/v1/realtime`;
}

const answer =
  (status: number, body: string): RequestListener =>
  (_, response) => {
    response.writeHead(status).end(body);
  };

const node = (script: string) => [process.execPath, '-e', script] as const;

/** Loads at the first question, is ready at the second, and says farewell at SIGTERM. */
const loadingServer = (farewell: string) => `
  process.on('SIGTERM', () => {
    require('node:fs').writeFileSync(${JSON.stringify(farewell)}, '');
    process.exit(0);
  });
  let asked = 0;
  console.error('fetching weights');
  require('node:http').createServer((_, response) => {
    asked += 1;
    if (asked === 1) response.writeHead(503).end('{"status":"loading","loading":["ears"]}');
    else response.end('{"status":"ready"}');
  }).listen(Number(process.env.PARLEY_PORT), process.env.PARLEY_HOST);
`;

describe('the server of a call', () => {
  it('is the one that runs, which is left running', async () => {
    const url = await listen(answer(200, '{"status":"ready"}'));
    const server = await ensureServer({ url, command: node('process.exit(1)') });
    expect(server.started).toBe(false);
    await server.stop();
    await expect(ensureServer({ url })).resolves.toMatchObject({ started: false });
  });

  it('is waited for while it loads', async () => {
    let asked = 0;
    const url = await listen((request, response) => {
      asked += 1;
      const ready = asked > 2;
      answer(ready ? 200 : 503, ready ? '{"status":"ready"}' : '{"status":"loading","loading":["ears","voice"]}')(
        request,
        response,
      );
    });
    const progress: string[] = [];
    await ensureServer({ url, onProgress: (message) => progress.push(message) });
    expect(progress).toEqual(['loading models (ears, voice)…']);
  });

  it('is started when there is none, and stopped in the end', async () => {
    const url = await freeUrl();
    const progress: string[] = [];
    const folder = await mkdtemp(join(tmpdir(), 'parley-server-'));
    closers.push(() => rm(folder, { recursive: true }));
    const farewell = join(folder, 'farewell');
    const server = await ensureServer({
      url,
      command: node(loadingServer(farewell)),
      onProgress: (message) => progress.push(message),
    });
    expect(server.started).toBe(true);
    expect(progress[0]).toMatch(/No server is running: starting one/);
    expect(progress).toContain('fetching weights');
    expect(existsSync(farewell)).toBe(false);
    await server.stop();
    await server.stop();
    expect(existsSync(farewell)).toBe(true);
    await expect(ensureServer({ url, command: node('') })).rejects.toMatchObject({ code: 'call.no_server' });
  });

  it('that ends before it is ready is reported with its last words', async () => {
    const command = node('console.error("no such model"); process.exit(3)');
    await expect(ensureServer({ url: await freeUrl(), command })).rejects.toMatchObject({
      code: 'call.no_server',
      message: expect.stringMatching(/ended before it was ready[\s\S]*no such model/),
    });
  });

  it('says what it loads in its own words, each of them once', async () => {
    const script = `
      let asked = 0;
      console.error('loading: ears');
      require('node:http').createServer((_, response) => {
        asked += 1;
        if (asked === 1) console.error('{"level":30}');
        if (asked === 3) console.error('loading: voice');
        if (asked < 5) response.writeHead(503).end('{"status":"loading","loading":["ears"]}');
        else response.end('{"status":"ready"}');
      }).listen(Number(process.env.PARLEY_PORT), process.env.PARLEY_HOST);`;
    const progress: string[] = [];
    const onProgress = (message: string) => progress.push(message);
    const server = await ensureServer({ url: await freeUrl(), command: node(script), onProgress });
    await server.stop();
    expect(progress[0]).toMatch(/^No server is running/);
    expect(progress.at(-1)).toBe('loading: voice');
    expect(progress.filter((line) => line.startsWith('loading models'))).toEqual([]);
    expect(new Set(progress).size).toBe(progress.length);
  });

  it('that cannot be started is reported', async () => {
    await expect(ensureServer({ url: await freeUrl(), command: ['/no/such/program'] })).rejects.toMatchObject({
      message: expect.stringMatching(/ENOENT/),
    });
  });

  it('that never gets ready is given up and ended', async () => {
    const command = node('setInterval(() => {}, 1000)');
    await expect(ensureServer({ url: await freeUrl(), command, readyTimeoutMs: 100 })).rejects.toMatchObject({
      code: 'call.no_server',
      message: expect.stringMatching(/not ready within/),
    });
  });

  it('is not started any more when the caller has given up', async () => {
    const controller = new AbortController();
    const running = ensureServer({
      url: await freeUrl(),
      command: node('setInterval(() => {}, 1000)'),
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(running).rejects.toMatchObject({ code: 'client.aborted' });
  });

  it.each([
    ['answers otherwise', answer(404, 'not found')],
    ['is ready in another way', answer(200, 'OK')],
    ['refuses without loading', answer(503, '{"error":"busy"}')],
  ])('is not replaced when something else listens there that %s', async (_, handler) => {
    await expect(ensureServer({ url: await listen(handler) })).rejects.toMatchObject({
      code: 'call.foreign_server',
      message: expect.stringMatching(/Something else than a Parley server listens/),
    });
  });

  it('is said to be silent when something takes the connection and never answers', async () => {
    const url = await listen(() => {});
    await expect(ensureServer({ url })).rejects.toMatchObject({
      code: 'call.no_server',
      message: expect.stringMatching(/Nothing at http:\/\/127\.0\.0\.1:\d+ answered within 3 s/),
    });
  });

  it('is not started for an address of another machine or of another kind', async () => {
    await expect(ensureServer({ url: 'http://127.0.0.1:8787' })).rejects.toMatchObject({ code: 'call.bad_url' });
    await expect(ensureServer({ url: 'nonsense' })).rejects.toMatchObject({ code: 'call.bad_url' });
    await expect(ensureServer({ url: 'ws://no-such-host.invalid:1/v1/realtime' })).rejects.toMatchObject({
      message: expect.stringMatching(/no-such-host\.invalid/),
    });
  });
});
