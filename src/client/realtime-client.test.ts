import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { connectRealtime, type RealtimeClientOptions } from './realtime-client.js';
import type { ServerEvent } from './server-events.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server on loopback that does `onConnection` with each socket. */
async function serve(onConnection: (socket: WebSocket, protocol: string | undefined) => void): Promise<string> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket, request) => onConnection(socket, request.headers['sec-websocket-protocol']));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    return new Promise((resolve) => http.close(resolve));
  });
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

const created = '{"type":"session.created","session":{"id":"sess_1"}}';
const connect = (url: string, options: Partial<RealtimeClientOptions> = {}) =>
  connectRealtime({ url, openSocket: (address, protocols) => new WebSocket(address, [...protocols]), ...options });

describe('the realtime client', () => {
  it('opens a session, hands over every event in order, sends, and closes', async () => {
    const received: string[] = [];
    let closedWith = 0;
    const url = await serve((socket) => {
      socket.on('message', (data) => {
        received.push(String(data));
        socket.send('{"type":"session.updated","session":{}}');
      });
      socket.on('close', (code) => {
        closedWith = code;
      });
      socket.send(created);
      socket.send('{"type":"something.new"}');
    });
    const events: ServerEvent['type'][] = [];
    const client = await connect(url, { onEvent: ({ type }) => events.push(type) });
    const updated = new Promise((resolve) =>
      client.subscribe(({ type }) => type === 'session.updated' && resolve(type)),
    );
    client.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Be brief.' } });
    await updated;
    expect(client.session.id).toBe('sess_1');
    expect(events).toEqual(['session.created', 'unknown', 'session.updated']);
    expect(JSON.parse(received[0] ?? '')).toMatchObject({ session: { instructions: 'Be brief.' } });
    await Promise.all([client.close(), client.close()]);
    expect(await client.ended).toEqual({ by: 'client' });
    expect(() => client.send({ type: 'input_audio_buffer.clear' })).toThrow(/connection is closed/);
    expect(closedWith).toBe(1_000);
  });

  it('sends a key as a subprotocol, and none without a key', async () => {
    const protocols: (string | undefined)[] = [];
    const url = await serve((socket, protocol) => {
      protocols.push(protocol);
      socket.send(created);
    });
    for (const options of [{}, { apiKey: 'k1' }]) await (await connect(url, options)).close();
    expect(protocols).toEqual([undefined, 'realtime,openai-insecure-api-key.k1']);
  });

  it('says how the server ended the connection, and keeps that as the error of later sends', async () => {
    const url = await serve((socket) => {
      socket.send(created);
      socket.close(1013, 'try later');
    });
    const client = await connect(url);
    const end = await client.ended;
    expect(end).toMatchObject({
      by: 'server',
      code: 1013,
      error: { message: expect.stringMatching(/1013: try later/) },
    });
    expect(() => client.send({ type: 'input_audio_buffer.clear' })).toThrow(/1013/);
    await client.close();
  });

  it('ends at a breach of the protocol and says what was sent', async () => {
    const url = await serve((socket) => {
      socket.send(created);
      socket.send('hello');
    });
    const { ended } = await connect(url);
    expect(await ended).toMatchObject({ by: 'server', error: { code: 'client.protocol' } });
  });

  it('gives the reason when the server closes before a session, or refuses it', async () => {
    await expect(connect(await serve((socket) => socket.close(1008, 'full')))).rejects.toThrow(/1008: full/);
    const refusing = await serve((socket) => {
      socket.send('{"type":"error","error":{"message":"no more calls"}}');
      socket.close();
    });
    await expect(connect(refusing)).rejects.toThrow(/refused the session: no more calls/);
  });

  it('does not wait for ever for a session, and can be stopped', async () => {
    const url = await serve(() => {});
    await expect(connect(url, { connectTimeoutMs: 50 })).rejects.toMatchObject({ code: 'client.timeout' });
    await expect(connect(url, { signal: AbortSignal.timeout(30) })).rejects.toMatchObject({ code: 'client.aborted' });
    await expect(connect(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'client.aborted' });
  });

  it('explains an address that is none or at which nobody listens', async () => {
    await expect(connect('nonsense')).rejects.toMatchObject({ code: 'client.bad_url' });
    await expect(connect('ws://127.0.0.1:1')).rejects.toThrow(/Cannot connect to .*ECONNREFUSED/);
  });

  it('gives up a server that does not read', async () => {
    const url = await serve((socket) => socket.send(created));
    const client = await connect(url, {
      openSocket: (address) =>
        new Proxy(new WebSocket(address), {
          get(socket, key) {
            if (key === 'bufferedAmount') return 100_000_000;
            const value: unknown = Reflect.get(socket, key);
            return typeof value === 'function' ? value.bind(socket) : value;
          },
        }),
    });
    expect(() => client.send({ type: 'input_audio_buffer.clear' })).toThrow(/has not read 100000000 bytes/);
    expect(await client.ended).toMatchObject({ error: { code: 'client.backlog' } });
  });
});

describe('a client that resumes', () => {
  const ticket = (type: string, token: string, withinMs = 400) =>
    JSON.stringify({ type, event_id: `event_${token}`, token, within_ms: withinMs, session: {} });

  it('finds its session again, sends what waited but audio, and says what it has got last', async () => {
    const queries: string[] = [];
    const received: string[] = [];
    const states: string[] = [];
    const http = createServer();
    const sockets = new WebSocketServer({ server: http });
    sockets.on('connection', (socket, request) => {
      queries.push(request.url ?? '');
      socket.on('message', (data) => received.push(String(data)));
      if (queries.length === 1) {
        socket.send(created);
        socket.send(ticket('parley.resumable', 'one', 10_000));
      } else if (queries.length === 2) socket.terminate();
      else socket.send(ticket('parley.resumed', 'two'));
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      for (const socket of sockets.clients) socket.terminate();
      return new Promise((resolve) => http.close(resolve));
    });
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/v1/realtime?model=parley`;
    let resumed: () => void = () => {};
    const back = new Promise<void>((resolve) => {
      resumed = resolve;
    });
    let told: () => void = () => {};
    const ticketed = new Promise<void>((resolve) => {
      told = resolve;
    });
    const client = await connect(url, {
      resume: true,
      onConnection: (state) => {
        states.push(state);
        if (state === 'resumed') resumed();
      },
      onEvent: ({ type }) => {
        if (type === 'parley.resumable') told();
      },
    });
    await ticketed;
    for (const socket of sockets.clients) socket.terminate();
    while (states.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    client.send({ type: 'input_audio_buffer.append', audio: '' });
    client.send({ type: 'response.cancel' });
    await back;
    await client.close();
    expect(queries).toEqual([
      '/v1/realtime?model=parley&resumable=true',
      '/v1/realtime?model=parley&resume=one&after=event_one',
      '/v1/realtime?model=parley&resume=one&after=event_one',
    ]);
    expect(states).toEqual(['lost', 'resumed']);
    expect(received).toEqual(['{"type":"response.cancel"}']);
    expect(await client.ended).toEqual({ by: 'client' });
  });

  it.each([
    { when: 'the time it had is over', closesWith: undefined, code: 1006 },
    { when: 'the server does not know its session any more', closesWith: 4404, code: 4404 },
  ])('gives up when $when', async ({ closesWith, code }) => {
    let connections = 0;
    const url = await serve((socket) => {
      connections += 1;
      if (connections === 1) {
        socket.send(created);
        socket.send(ticket('parley.resumable', 'one'));
        setTimeout(() => socket.terminate(), 20);
      } else if (closesWith === undefined) socket.terminate();
      else socket.close(closesWith, 'no such session');
    });
    const client = await connect(url, { resume: true });
    expect(await client.ended).toMatchObject({ by: 'server', code });
    expect(connections).toBeGreaterThan(1);
  });

  it('can be closed while it has no connection', async () => {
    let connections = 0;
    const url = await serve((socket) => {
      connections += 1;
      if (connections > 1) return socket.terminate();
      socket.send(created);
      socket.send(ticket('parley.resumable', 'one'));
      setTimeout(() => socket.terminate(), 20);
    });
    const states: string[] = [];
    const client = await connect(url, { resume: true, onConnection: (state) => states.push(state) });
    while (states.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await client.close();
    expect(await client.ended).toEqual({ by: 'client' });
  });
});
