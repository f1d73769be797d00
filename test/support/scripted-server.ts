import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { type ClientEvent, openScriptedCall, type Script, type ScriptedCall } from './scripted-call.js';

const pageFolder = resolve(dirname(fileURLToPath(import.meta.url)), '../../assets/page');
const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** As strict as a server can be with a page that loads its own files only: a foreign URL or an inline script fails. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'";

export type CallPolicy = 'accept' | 'refuse-with-503' | 'close-with-1013';

export type ScriptedServer = {
  readonly url: string;
  /** Everything clients sent except audio, in order. */
  readonly received: readonly ClientEvent[];
  /** The newest call, while it is open. */
  call(): ScriptedCall | undefined;
  setReady(answer: { readonly status: number; readonly body: unknown }): void;
  setCallPolicy(policy: CallPolicy): void;
  close(): Promise<void>;
};

/** A server that hears nothing but energy: it serves the page and answers calls by a script. For tests of the page alone. */
export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const received: ClientEvent[] = [];
  let ready: { readonly status: number; readonly body: unknown } = { status: 200, body: { status: 'ready' } };
  let policy: CallPolicy = 'accept';
  let call: ScriptedCall | undefined;

  const http = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/ready') {
      response.writeHead(ready.status, { 'content-type': 'application/json' }).end(JSON.stringify(ready.body));
      return;
    }
    void servePage(path, response);
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1_000_000 });
  http.on('upgrade', (request: IncomingMessage, socket, head) => {
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
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const { port } = http.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/`,
    received,
    call: () => call,
    setReady(answer) {
      ready = answer;
    },
    setCallPolicy(next) {
      policy = next;
    },
    async close() {
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((done) => http.close(done));
    },
  };
}

async function servePage(path: string, response: ServerResponse): Promise<void> {
  const file = join(pageFolder, normalize(path === '/' ? '/index.html' : path));
  const body = file.startsWith(pageFolder) ? await readFile(file).catch(() => undefined) : undefined;
  if (body === undefined) {
    response.writeHead(404).end();
    return;
  }
  response
    .writeHead(200, {
      'content-type': mediaTypes[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': contentSecurityPolicy,
    })
    .end(body);
}
