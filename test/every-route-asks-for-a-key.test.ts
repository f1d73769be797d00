import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ServedRoute } from '../src/api/access/open-route.js';
import { type ScriptedNode, startScriptedNode } from './support/scripted-node.js';

const apiKey = 'the-key-of-the-server';
let node: ScriptedNode;
let at: URL;

beforeAll(async () => {
  node = await startScriptedNode({ apiKey, env: { PARLEY_HOST: '0.0.0.0' } });
  at = new URL(node.url);
  at.hostname = '127.0.0.1';
});
afterAll(() => node?.close());

type OpenApi = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security?: readonly unknown[] }>>>>;
};

const nameOf = ({ kind, method, path }: ServedRoute): string => `${kind === 'socket' ? 'socket' : method} ${path}`;
const filled = (path: string): string => path.replace(/:\w+/g, 'x').replace(/\*$/, 'x');

/** Asks as somebody without a key would, or with one that is wrong. @returns the status */
async function statusOf(route: ServedRoute, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const url = new URL(filled(route.path), at);
  if (route.kind === 'socket') {
    const socket = new WebSocket(url.href.replace(/^http/, 'ws'), { headers });
    socket.on('error', () => {});
    const [, answer] = await Promise.race([
      once(socket, 'unexpected-response') as Promise<[unknown, { readonly statusCode?: number }]>,
      once(socket, 'open').then(() => [undefined, { statusCode: 101 }] as const),
    ]);
    socket.terminate();
    return answer.statusCode ?? 0;
  }
  const sends = route.method !== 'GET' && route.method !== 'HEAD';
  const asked = request(url, {
    method: route.method,
    headers: { ...headers, ...(sends ? { 'content-type': 'application/json', 'content-length': 2 } : {}) },
    agent: false,
  });
  asked.end(sends ? '{}' : undefined);
  const [answer] = await once(asked, 'response');
  answer.resume();
  return answer.statusCode;
}

describe('a server that other computers can reach', () => {
  it('answers 401 on every route and socket without a key, but for health and pages without data', async () => {
    const routes = node.routes();
    const closed = routes.filter(({ open }) => !open);
    // What is asked here is what there is: layers, keys, dialects and sockets of them all.
    for (const path of ['/v1/audio/speech', '/v1/parley/keys', '/v1/realtime/client_secrets', '/v1/parley/status'])
      expect(closed.map((route) => route.path)).toContain(path);
    expect(closed.filter(({ kind }) => kind === 'socket').map(({ path }) => path)).toContain('/v1/realtime');
    const answered: string[] = [];
    for (const route of closed) {
      const without = await statusOf(route);
      if (without !== 401) answered.push(`${nameOf(route)}: ${without} without a key`);
      const wrong = await statusOf(route, { authorization: 'Bearer not-the-key-of-the-server' });
      if (wrong !== 401) answered.push(`${nameOf(route)}: ${wrong} with a wrong key`);
    }
    expect(answered).toEqual([]);
  }, 60_000);

  it('gives nothing away where no key is asked for: only GET, the same to everybody', async () => {
    for (const route of node.routes().filter(({ open }) => open)) {
      expect(['GET', 'HEAD'], nameOf(route)).toContain(route.method);
      expect(route.path, 'no open route is of an interface').not.toMatch(/^\/(v1|v2|waves|api|atoms|payment)\b|[:*]/);
    }
  });

  it('documents as open what is open, and has every route that is documented', async () => {
    const document = (await (await fetch(new URL('/openapi.json', at))).json()) as OpenApi;
    const routes = new Map(node.routes().map((route) => [nameOf(route).replace(/:(\w+)/g, '{$1}'), route]));
    for (const [path, operations] of Object.entries(document.paths))
      for (const [method, { security }] of Object.entries(operations)) {
        const route = routes.get(`${method.toUpperCase()} ${path}`) ?? routes.get(`socket ${path}`);
        expect(route, `${method} ${path}`).toBeDefined();
        expect(security?.length === 0, `${method} ${path}`).toBe(route?.open);
      }
  });
});
