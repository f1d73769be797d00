import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { BoundedSocket, type BoundedSocketOptions } from './bounded-socket.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function connect(options: Partial<BoundedSocketOptions> = {}, clientOptions: { autoPong?: boolean } = {}) {
  const http = createServer();
  const server = new WebSocketServer({ server: http, autoPong: false });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const reasons: string[] = [];
  const messages: string[] = [];
  const connected = new Promise<{ socket: BoundedSocket; accepted: WebSocket }>((resolve) => {
    server.once('connection', (accepted) =>
      resolve({
        accepted,
        socket: new BoundedSocket(accepted, {
          maxBufferedBytes: 1_000_000,
          pingIntervalMs: 60_000,
          closeTimeoutMs: 60_000,
          maxMessagesPerSecond: 1_000,
          onMessage: (data) => messages.push(data.toString()),
          onEnd: (reason, lost) => reasons.push(lost ? `lost: ${reason}` : reason),
          ...options,
        }),
      }),
    );
  });
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, clientOptions);
  const clientClosed = new Promise<{ code: number; reason: string }>((resolve) => {
    client.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  client.on('error', () => {});
  await new Promise((resolve) => client.once('open', resolve));
  const { socket, accepted } = await connected;
  cleanups.push(() => {
    client.terminate();
    server.close();
    http.close();
  });
  return { socket, accepted, client, clientClosed, reasons, messages };
}

describe('the bounded socket', () => {
  it('closes on a peer that does not read, and does not wait for it to agree', async () => {
    const { socket, client, reasons } = await connect({ maxBufferedBytes: 100_000, closeTimeoutMs: 20 });
    client.pause();
    const megabyte = 'x'.repeat(1_000_000);
    for (let i = 0; i < 100 && socket.open; i++) socket.send(megabyte);
    await socket.closed;
    expect(reasons).toEqual(['more than 100000 bytes were sent and not read']);
  });

  it('says why it closes, shortened to what a close frame holds', async () => {
    const { socket, clientClosed, reasons } = await connect();
    const reason = 'ü'.repeat(100);
    socket.close(1013, reason);
    socket.close(1000, 'again');
    expect(await clientClosed).toEqual({ code: 1013, reason: 'ü'.repeat(61) });
    await socket.closed;
    expect(reasons).toEqual([reason]);
    expect(() => socket.send('late')).not.toThrow();
  });

  it('gives up a peer that answers no ping', async () => {
    const { socket, reasons } = await connect({ pingIntervalMs: 10 }, { autoPong: false });
    await socket.closed;
    expect(reasons).toEqual(['lost: the peer did not answer a ping']);
  });

  it('keeps a quiet peer that answers pings', async () => {
    const { socket, client } = await connect({ pingIntervalMs: 5 });
    for (let pings = 0; pings < 4; pings++) await new Promise((resolve) => client.once('ping', resolve));
    expect(socket.open).toBe(true);
  });

  it('stops reading a flood until the second is over, and loses none of it', async () => {
    const { socket, accepted, client, messages } = await connect({ maxMessagesPerSecond: 100 });
    const paused: boolean[] = [];
    accepted.on('message', () => paused.push(accepted.isPaused));
    const sent = Array.from({ length: 150 }, (_, i) => `${i}${'.'.repeat(4_000)}`);
    for (const message of sent) client.send(message);
    client.close(1000, 'sent');
    await socket.closed;
    expect(messages).toEqual(sent);
    expect(paused[0]).toBe(false);
    expect(paused).toContain(true);
  });

  it('answers pings, and lets go of a peer that does not read the answers', async () => {
    const { socket, client, reasons } = await connect({
      maxBufferedBytes: 1_000,
      maxMessagesPerSecond: 1_000_000,
      closeTimeoutMs: 20,
    });
    client.ping('here');
    await new Promise((resolve) => client.once('pong', resolve));
    client.pause();
    const pinging = setInterval(() => {
      for (let i = 0; i < 10_000 && client.readyState === WebSocket.OPEN; i++) client.ping(Buffer.alloc(125));
    }, 1);
    await socket.closed;
    clearInterval(pinging);
    expect(reasons).toEqual(['more than 1000 bytes were sent and not read']);
  });

  it('reads no more pings a second than messages', async () => {
    const { accepted, client } = await connect({ maxMessagesPerSecond: 100 });
    for (let i = 0; i < 100; i++) client.ping();
    while (!accepted.isPaused) await new Promise(setImmediate);
    while (accepted.isPaused) await new Promise(setImmediate);
  });

  it('reads nothing while it is held, and everything afterwards', async () => {
    const { socket, client, clientClosed, messages } = await connect();
    socket.hold(true);
    for (let i = 0; i < 3; i++) client.send(`${i}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(messages).toEqual([]);
    socket.hold(false);
    while (messages.length < 3) await new Promise(setImmediate);
    socket.hold(true);
    socket.close(1000, 'held or not');
    expect(await clientClosed).toEqual({ code: 1000, reason: 'held or not' });
  });

  it('does not take a peer for gone whose answers it has not read', async () => {
    const { socket, client } = await connect({ pingIntervalMs: 40 });
    socket.hold(true);
    for (let pings = 0; pings < 2; pings++) await new Promise((resolve) => client.once('ping', resolve));
    socket.hold(false);
    for (let pings = 0; pings < 2; pings++) await new Promise((resolve) => client.once('ping', resolve));
    expect(socket.open).toBe(true);
  });

  it('reports a peer that breaks off', async () => {
    const { socket, client, reasons } = await connect();
    client.terminate();
    await socket.closed;
    expect(reasons).toEqual(['lost: the peer closed the connection (1006)']);
  });

  it('tells a connection that was lost from one that somebody ended', async () => {
    const cut = await connect();
    cut.client.terminate();
    await cut.socket.closed;
    expect(cut.reasons).toEqual(['lost: the peer closed the connection (1006)']);
    const ended = await connect();
    ended.client.close(1000, 'done');
    await ended.socket.closed;
    expect(ended.reasons).toEqual(['done']);
  });
});
