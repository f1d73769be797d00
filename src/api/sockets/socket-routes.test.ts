import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Access, Usage } from '../../platform/access/access.js';
import { keyedAccess } from '../../platform/access/keyed-access-fixture.js';
import { ParleyError } from '../../ports/errors.js';
import type { SocketMessage } from './inbox.js';
import { jsonMessage } from './json-message.js';
import { refusalOf } from './socket-client-fixture.js';
import { type SocketRoute, SocketRoutes, type SocketRoutesOptions } from './socket-routes.js';
import type { SocketSession } from './socket-session.js';
import { UpgradeRouter } from './upgrade-router.js';

let http: Server;
let base: string;
let sockets: SocketRoutes;
const faults: unknown[] = [];
const clients: WebSocket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  faults.length = 0;
  await sockets.close();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

/** Sends everything back. */
const echo = async (session: SocketSession): Promise<void> => {
  for await (const message of session.messages) session.send(message);
};

async function serve<Checked = void>(
  route: Partial<SocketRoute<Checked>> = {},
  options: Partial<SocketRoutesOptions> = {},
): Promise<void> {
  http = createServer();
  sockets = new SocketRoutes({
    router: new UpgradeRouter(http),
    access: keyedAccess(),
    ready: () => true,
    onFault: (error) => faults.push(error),
    ...options,
  });
  sockets.route<Checked>({ path: '/v1/echo', scope: 'transcribe', onOpen: echo, ...route });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  base = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

type Seen = {
  readonly socket: WebSocket;
  readonly messages: SocketMessage[];
  readonly answerHeaders: Readonly<Record<string, unknown>>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  next(): Promise<SocketMessage>;
};

function client(target = '/v1/echo', protocols: string[] = [], headers: Record<string, string> = {}): WebSocket {
  const socket = new WebSocket(`${base}${target}`, protocols, { headers, perMessageDeflate: false });
  socket.on('error', () => {});
  clients.push(socket);
  return socket;
}

async function connect(...args: Parameters<typeof client>): Promise<Seen> {
  const socket = client(...args);
  const messages: SocketMessage[] = [];
  const unread: SocketMessage[] = [];
  let wake = (): void => {};
  let answerHeaders: Readonly<Record<string, unknown>> = {};
  socket.on('upgrade', (response) => {
    answerHeaders = response.headers;
  });
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    const message = isBinary ? data : data.toString();
    messages.push(message);
    unread.push(message);
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const next = async (): Promise<SocketMessage> => {
    while (unread.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return unread.shift() ?? '';
  };
  return { socket, messages, answerHeaders, closed, next };
}

const refused = (target = '/v1/echo', protocols: string[] = [], headers: Record<string, string> = {}) =>
  refusalOf(`${base}${target}`, { protocols, headers });

describe('a socket that is let in', () => {
  it('gets text as text and binary as binary, in order', async () => {
    await serve();
    const { socket, next } = await connect();
    socket.send('one');
    socket.send(Buffer.from([1, 2, 3]));
    socket.send('');
    socket.send('two');
    expect(await next()).toBe('one');
    expect(await next()).toEqual(Buffer.from([1, 2, 3]));
    expect(await next()).toBe('');
    expect(await next()).toBe('two');
  });

  it('is closed with 1000 when its work is done, and with the error when that fails', async () => {
    await serve({
      onOpen: async (session) => {
        for await (const message of session.messages) {
          if (message === 'done') return;
          if (message === 'wrong') throw new ParleyError('Say something else.', { code: 'test.wrong', status: 400 });
          if (message === 'busy')
            throw new ParleyError('Too much to do.', { code: 'layer.full', status: 503, retryable: true });
          throw new TypeError('a detail that nobody is to see');
        }
      },
    });
    const ending = async (message: string) => {
      const seen = await connect();
      seen.socket.send(message);
      return seen.closed;
    };
    expect(await ending('done')).toEqual({ code: 1000, reason: '' });
    expect(await ending('wrong')).toEqual({ code: 1008, reason: 'Say something else.' });
    expect(await ending('busy')).toEqual({ code: 1013, reason: 'Too much to do.' });
    expect(faults).toEqual([]);
    expect(await ending('fault')).toEqual({ code: 1011, reason: 'A fault of the server.' });
    expect(faults).toMatchObject([{ message: 'a detail that nobody is to see' }]);
  });

  it('tells its dialect when the client has gone, which is no fault', async () => {
    const ended = new Promise<unknown>((resolve) => {
      void serve({
        onOpen: async (session) => {
          await new Promise((_resolve, reject) => {
            session.signal.addEventListener('abort', () => {
              resolve(session.signal.reason);
              reject(session.signal.reason);
            });
          });
        },
      }).then(async () => (await connect()).socket.terminate());
    });
    expect(await ended).toMatchObject({ code: 'socket.ended' });
    while (sockets.connections > 0) await new Promise(setImmediate);
    expect(faults).toEqual([]);
  });

  it('is answered with the first subprotocol that both know, and with headers of the dialect', async () => {
    const ids: string[] = [];
    await serve({
      subprotocols: ['token', 'bearer'],
      headers: (id) => ({ 'dg-request-id': id }),
      onOpen: async (session) => {
        ids.push(session.id);
        await echo(session);
      },
    });
    const { socket, answerHeaders } = await connect('/v1/echo', ['token', 'secret']);
    expect(socket.protocol).toBe('token');
    const second = await connect('/v1/echo', []);
    expect([answerHeaders['dg-request-id'], second.answerHeaders['dg-request-id']]).toEqual(ids);
    expect(new Set(ids).size).toBe(2);
  });

  it('is served what was checked before, and what it has used is counted once', async () => {
    const left: (Usage | undefined)[] = [];
    const used: Usage[] = [];
    const access: Access = {
      required: false,
      enter: async () => ({
        keyId: undefined,
        leave: async (usage) => {
          left.push(usage);
        },
        use: async (usage) => {
          used.push(usage);
        },
      }),
    };
    await serve<number>(
      {
        check: (url) => Number(url.searchParams.get('seconds')),
        limits: { countEveryMs: 5 },
        onOpen: async (session, seconds) => {
          session.count({ audioInSeconds: seconds });
          while (used.length === 0) await new Promise(setImmediate);
          session.count({ audioInSeconds: seconds, characters: 4 });
        },
      },
      { access },
    );
    await (await connect('/v1/echo?seconds=3')).closed;
    while (left.length === 0) await new Promise(setImmediate);
    expect(used).toMatchObject([{ audioInSeconds: 3, characters: 0 }]);
    expect(left).toMatchObject([{ audioInSeconds: 3, characters: 4 }]);
  });
});

describe('an upgrade', () => {
  it('is refused where nothing is served', async () => {
    await serve();
    expect(await refused('/v1/other')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    expect(await refused('/v1/echo/more')).toMatchObject({ status: 404 });
  });

  it('asks for the key, from wherever the dialect has it', async () => {
    await serve(
      { credentials: (_request, url) => url.searchParams.getAll('api_key') },
      { access: keyedAccess('secret') },
    );
    expect(await refused('/v1/echo?api_key=wrong')).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: { error: { code: 'access.unauthorized' } },
    });
    await connect('/v1/echo?api_key=secret');
  });

  it('without a key, is for programs and own pages only', async () => {
    await serve();
    const origin = 'https://elsewhere.example';
    expect(await refused('/v1/echo', [], { origin })).toMatchObject({ status: 403 });
    expect(
      await refused('/v1/echo', [], { host: 'elsewhere.example', origin: 'http://elsewhere.example' }),
    ).toMatchObject({ status: 403 });
    await connect('/v1/echo', [], { origin: base.replace('ws:', 'http:') });
  });

  it('is refused until the server is ready, and when it is about to end', async () => {
    let ready = false;
    let draining = false;
    await serve({}, { ready: () => ready, draining: () => draining });
    expect(await refused()).toMatchObject({
      status: 503,
      headers: { 'retry-after': '2' },
      body: { error: { type: 'server_error', code: 'server.not_ready' } },
    });
    ready = true;
    await connect();
    draining = true;
    expect(await refused()).toMatchObject({ status: 503, body: { error: { code: 'server.draining' } } });
  });

  it('is refused in the form of the dialect, when the dialect refuses it too', async () => {
    const refuse: SocketRoute['refuse'] = ({ status, message }, id) => ({
      status,
      headers: { 'dg-error': `${message}\r\nx-other: 1` },
      body: { err_msg: message, request_id: id },
    });
    await serve({
      refuse,
      check: () => {
        throw new ParleyError('encoding: unknown.', { code: 'invalid_value', status: 400 });
      },
    });
    const answer = await refused();
    expect(answer).toMatchObject({
      status: 400,
      headers: { 'dg-error': 'encoding: unknown.  x-other: 1' },
      body: { err_msg: 'encoding: unknown.', request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(answer.headers).not.toHaveProperty('x-other');
  });

  it('is refused when there are as many as there may be, and taken when one has gone', async () => {
    await serve({}, { limits: { maxConnections: 2 } });
    const first = await connect();
    await connect();
    expect(await refused()).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      body: { error: { code: 'server.connections_full' } },
    });
    first.socket.close();
    await first.closed;
    while (sockets.connections > 1) await new Promise(setImmediate);
    await connect();
  });

  it('says no more than it should of a fault', async () => {
    await serve({
      check: () => {
        throw new TypeError('a detail');
      },
    });
    const answer = await refused();
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'internal_error' } } });
    expect(JSON.stringify(answer.body)).not.toContain('detail');
    expect(faults).toHaveLength(1);
  });
});

describe('a client that asks too much', () => {
  it('is not read while it sends faster than it is dealt with, and loses nothing', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let count = 0;
    await serve({
      limits: { maxMessagesPerSecond: 1e9, maxWaitingMessages: 40_000, maxWaitingBytes: 4_000_000 },
      onOpen: async (session) => {
        await held;
        for await (const message of session.messages) {
          count += 1;
          if (message === 'last') return;
        }
      },
    });
    const { socket, closed } = await connect();
    const messages = 10_000;
    for (let i = 0; i < messages; i++) socket.send(Buffer.alloc(4_000));
    socket.send('last');
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(socket.bufferedAmount).toBeGreaterThan(0);
    release();
    expect((await closed).code).toBe(1000);
    expect(count).toBe(messages + 1);
  });

  it('lets others have their turn between ten thousand tiny frames', async () => {
    let count = 0;
    let turns = 0;
    await serve({
      limits: { maxMessagesPerSecond: 1e9 },
      onOpen: async (session) => {
        for await (const message of session.messages) {
          if (message === 'last') return;
          count += 1;
        }
      },
    });
    const { socket, closed } = await connect();
    const turning = setInterval(() => {
      turns += 1;
    }, 0);
    for (let i = 0; i < 10_000; i++) socket.send('x');
    socket.send('last');
    await closed;
    clearInterval(turning);
    expect(count).toBe(10_000);
    expect(turns).toBeGreaterThan(5);
  });

  it('is closed with 1009 for a message that is too long, as soon as that is announced', async () => {
    await serve({ limits: { maxMessageBytes: 1_000 } });
    const { socket, closed, messages } = await connect();
    socket.send(Buffer.alloc(100 * 1024 ** 2));
    expect((await closed).code).toBe(1009);
    expect(messages).toEqual([]);
    const other = await connect();
    other.socket.send('still here');
    expect(await other.next()).toBe('still here');
  });

  it('is closed when it reads too slowly what cannot wait', async () => {
    await serve({
      limits: { maxBufferedBytes: 100_000, closeTimeoutMs: 20 },
      onOpen: async (session) => {
        while (!session.signal.aborted) {
          session.send(Buffer.alloc(10_000));
          await new Promise(setImmediate);
        }
      },
    });
    const { socket, closed } = await connect();
    socket.pause();
    while (sockets.connections > 0) await new Promise(setImmediate);
    socket.resume();
    expect([1006, 1008]).toContain((await closed).code);
  });

  it('makes wait what can wait, and goes on when it reads again', async () => {
    const chunk = 64 * 1024;
    let sent = 0;
    await serve({
      limits: { maxBufferedBytes: 1024 ** 2 },
      onOpen: async (session) => {
        for (; sent < 400; sent++) {
          await session.room();
          session.send(Buffer.alloc(chunk));
        }
      },
    });
    const { socket, closed, messages } = await connect();
    socket.pause();
    for (let before = -1; before !== sent || sent === 0; ) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(sent).toBeLessThan(400);
    socket.resume();
    expect((await closed).code).toBe(1000);
    expect(messages.reduce((sum, { length }) => sum + length, 0)).toBe(400 * chunk);
  });

  it('is not waited for for ever', async () => {
    await serve({
      limits: { maxBufferedBytes: 100_000, readTimeoutMs: 20, closeTimeoutMs: 20 },
      onOpen: async (session) => {
        while (!session.signal.aborted) {
          await session.room();
          session.send(Buffer.alloc(50_000));
        }
      },
    });
    const { socket } = await connect();
    socket.pause();
    while (sockets.connections > 0) await new Promise(setImmediate);
  });

  it('is closed when it answers no ping, or says nothing for too long', async () => {
    await serve({ limits: { pingIntervalMs: 15 } });
    const silent = new WebSocket(`${base}/v1/echo`, { autoPong: false });
    clients.push(silent);
    const gone = await new Promise<number>((resolve) => silent.once('close', resolve));
    expect(gone).toBe(1006);
    await sockets.close();
    http.close();
    await serve({ limits: { idleMs: 15 } });
    expect(await (await connect()).closed).toEqual({ code: 1008, reason: 'nothing was sent for 15 ms' });
  });

  it('is not closed for saying nothing while its work is being done', async () => {
    await serve({
      limits: { idleMs: 15 },
      onOpen: async (session) => {
        for await (const message of session.messages) {
          await new Promise((resolve) => setTimeout(resolve, 60));
          session.send(message);
        }
      },
    });
    const { socket, next, closed } = await connect();
    socket.send('work');
    expect(await next()).toBe('work');
    expect((await closed).code).toBe(1008);
  });

  it('is told what is wrong with its JSON', () => {
    expect(jsonMessage('{"a":[1]}')).toEqual({ a: [1] });
    expect(() => jsonMessage('{"a":')).toThrow(expect.objectContaining({ code: 'invalid_json', status: 400 }));
    expect(() => jsonMessage('['.repeat(1_000))).toThrow(/nested/);
  });
});

describe('the end of the server', () => {
  it('closes every socket with 1001, after their visits have been counted', async () => {
    await serve();
    const seen = [await connect(), await connect()];
    await sockets.close();
    for (const { closed } of seen) expect(await closed).toEqual({ code: 1001, reason: 'the server is shutting down' });
    expect(sockets.connections).toBe(0);
    expect(await refused()).toMatchObject({ status: 404 });
  });

  it('waits for what is under way, but not for ever', async () => {
    await serve();
    const { socket } = await connect();
    await sockets.drain(10);
    expect(sockets.connections).toBe(1);
    const draining = sockets.drain(60_000);
    socket.close();
    await draining;
    expect(sockets.connections).toBe(0);
  });
});
