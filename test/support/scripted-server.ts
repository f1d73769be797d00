import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { WebSocketServer } from 'ws';
import { serveStudio } from '../../src/api/control/studio-files.js';
import { type ClientEvent, openScriptedCall, type Script, type ScriptedCall } from './scripted-call.js';

export type CallPolicy = 'accept' | 'refuse-with-503' | 'close-with-1013';

export type ScriptedServer = {
  readonly url: string;
  /** Everything clients sent except audio, in order. */
  readonly received: readonly ClientEvent[];
  /** Of the newest connection. */
  offeredProtocols(): string;
  /** The newest call, while it is open. */
  call(): ScriptedCall | undefined;
  /** What it says of itself from now on; undefined: nothing, as if it were not there. */
  setStatus(body: Readonly<Record<string, unknown>> | undefined): void;
  /** From now on it tells how it is only to those who send this key. */
  setKey(key: string): void;
  setCallPolicy(policy: CallPolicy): void;
  close(): Promise<void>;
};

export const readyStatus = {
  status: 'ready',
  key_required: false,
  models: [
    {
      id: 'tiny-ear',
      job: 'speech to text',
      name: 'Tiny ear, English',
      licence: 'MIT',
      bytes: 43_700_000,
      received_bytes: 43_700_000,
      state: 'installed',
    },
    {
      id: 'small-mind',
      job: 'language model',
      name: 'Small mind 1.5B',
      licence: 'Apache-2.0',
      bytes: 1_117_000_000,
      received_bytes: 1_117_000_000,
      state: 'installed',
    },
  ],
} as const;

/** A server that hears nothing but energy: it serves the studio and answers calls by a script. For tests of the page alone. */
export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const received: ClientEvent[] = [];
  let status: Readonly<Record<string, unknown>> | undefined = readyStatus;
  let policy: CallPolicy = 'accept';
  let key: string | undefined;
  let offered = '';
  let call: ScriptedCall | undefined;

  const http = fastify({ logger: false, forceCloseConnections: true });
  http.get('/v1/parley/status', async ({ headers }, reply) => {
    if (key === undefined) return status ?? reply.hijack().raw.destroy();
    if (headers.authorization === `Bearer ${key}`) return { ...status, key_required: true };
    return reply.code(401).send({ error: { message: 'no good key' } });
  });
  http.get('/ready', async () => ({ status: status?.status }));
  await serveStudio(http);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1_000_000 });
  http.server.on('upgrade', (request: IncomingMessage, socket, head) => {
    offered = request.headers['sec-websocket-protocol'] ?? '';
    if (policy === 'refuse-with-503') {
      socket.end(
        'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      if (policy === 'close-with-1013') {
        client.close(1013, 'Two calls are running, which is all this machine carries.');
        return;
      }
      const opened = openScriptedCall(client, script, received);
      call = opened;
      client.once('close', () => {
        opened.stop();
        if (call === opened) call = undefined;
      });
    });
  });
  await http.listen({ host: '127.0.0.1', port: 0 });
  const { port } = http.server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/`,
    received,
    offeredProtocols: () => offered,
    call: () => call,
    setStatus(body) {
      status = body;
    },
    setKey(next) {
      key = next;
    },
    setCallPolicy(next) {
      policy = next;
    },
    async close() {
      for (const client of sockets.clients) client.terminate();
      await http.close();
    },
  };
}
