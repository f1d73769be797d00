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
