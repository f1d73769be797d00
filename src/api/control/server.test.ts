import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { requiredModels } from '../../models/catalogue.js';
import { keyedAccess } from '../../platform/access/keyed-access-fixture.js';
import { ModelsInUse } from '../../platform/models-in-use.js';
import { Readiness } from '../../platform/readiness.js';
import type { HttpLimits } from './http-limits.js';
import { createControlServer } from './server.js';

let server: FastifyInstance<HttpServer | HttpsServer>;
const inUse = new ModelsInUse(requiredModels());
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

async function start(limits: Partial<HttpLimits> = {}, readiness = new Readiness()): Promise<void> {
  server = await createControlServer({
    readiness,
    limits,
    models: inUse,
    access: keyedAccess('the-key-of-the-server'),
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
}

/** Everything that comes until the server ends the connection. */
function answerTo(bytes: string): { readonly whole: Promise<string>; readonly socket: Socket } {
  const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.on('error', () => {});
  if (bytes !== '') socket.write(bytes);
  return { socket, whole: new Promise((resolve) => socket.once('close', () => resolve(text))) };
}

describe('the HTTP server', () => {
  it('says what it waits for, that it is ready, that it is draining, and why it is not', async () => {
    const readiness = new Readiness();
    await start({}, readiness);
    const ready = async () => {
      const { statusCode, body, headers } = await server.inject('/ready');
      return { statusCode, body: JSON.parse(body), retry: headers['retry-after'] };
    };
    expect(await ready()).toEqual({ statusCode: 503, body: { status: 'loading', loading: ['start'] }, retry: '2' });
    readiness.done();
    expect(await ready()).toEqual({ statusCode: 200, body: { status: 'ready' }, retry: undefined });
    readiness.drain();
    expect(await ready()).toEqual({ statusCode: 503, body: { status: 'draining' }, retry: '2' });
    readiness.fail('shutting down');
    expect(await ready()).toMatchObject({ body: { status: 'failed', reason: 'shutting down' } });
  });

  it('tells which models it uses, and how far they are', async () => {
    const readiness = new Readiness();
    await start({}, readiness);
    const headers = { authorization: 'Bearer the-key-of-the-server' };
    const ask = () => server.inject({ url: '/v1/parley/status', headers });
    const status = async () => JSON.parse((await ask()).body) as Record<string, unknown>;
    expect((await server.inject('/v1/parley/status')).statusCode).toBe(401);
    const loading = await status();
    expect(loading).toMatchObject({ status: 'loading', key_required: true });
    expect(loading.models).toHaveLength(requiredModels().length);
    expect(loading.models).toContainEqual(
      expect.objectContaining({ job: 'voice activity', state: 'waiting', received_bytes: 0, licence: 'MIT' }),
    );
    readiness.fail('shutting down');
    expect(await status()).toMatchObject({ status: 'failed', reason: 'shutting down' });
  });

  it('gives up a request whose headers do not come to an end', async () => {
    await start({ headersMs: 100, requestMs: 200, checkEveryMs: 20 });
    expect(await answerTo('GET / HTTP/1.1\r\nX-Slow: ').whole).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('gives up a request whose body does not come to an end', async () => {
    await start({ headersMs: 50, requestMs: 100, checkEveryMs: 20 });
    const request = 'POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{';
    expect(await answerTo(request).whole).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('gives up a connection on which nothing is asked', async () => {
    await start({ idleMs: 50, headersMs: 100, checkEveryMs: 20 });
    await answerTo('').whole;
  });

  it('bears so many connections and no more', async () => {
    await start({ maxConnections: 3 });
    const first = Array.from({ length: 3 }, () => answerTo('GET /health HTTP/1.1\r\nHost: a\r\n\r\n'));
    await Promise.all(first.map(({ socket }) => new Promise((resolve) => socket.once('data', resolve))));
    expect(await answerTo('GET /health HTTP/1.1\r\nHost: a\r\n\r\n').whole).toBe('');
    first[0]?.socket.destroy();
    await first[0]?.whole;
    const later = answerTo('GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await later.whole).toMatch(/^HTTP\/1\.1 200 /);
  });
});
