import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock as clock } from '../../observability/system-clock.js';
import { createAccess } from '../../platform/access/create-access.js';
import { createClientSecrets } from '../../platform/client-secrets.js';
import { createTokens } from '../../platform/keys/tokens.js';
import { ModelsInUse } from '../../platform/models-in-use.js';
import { PronunciationDictionaries } from '../../platform/pronunciations/dictionaries.js';
import { Readiness } from '../../platform/readiness.js';
import { ParleyError } from '../../ports/errors.js';
import { Store } from '../../store/store.js';
import { registerKeys } from '../control/keys-routes.js';
import { type ControlServer, createControlServer } from '../control/server.js';
import { registerDeepgram } from '../deepgram/register-deepgram.js';
import { registerClientSecrets } from '../openai/client-secrets/client-secrets-route.js';
import { registerOpenAiRest } from '../openai/rest/register-openai.js';
import { SocketRoutes } from '../sockets/socket-routes.js';
import { UpgradeRouter } from '../sockets/upgrade-router.js';
import { registerWaves } from '../waves/common/register-waves.js';
import { documentedRoutes } from './documented-routes.js';
import { registerOpenApi } from './register-openapi.js';

type Operation = {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
  readonly 'x-messages'?: { readonly anyOf?: readonly unknown[] };
};
let server: ControlServer;
let dataDir: string;
const served: string[] = [];
let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-documented-'));
  const store = new Store({ databaseUrl: undefined, dataDir });
  const key = new Uint8Array(32);
  const secrets = createClientSecrets({ key });
  const tokens = createTokens({ key });
  const access = createAccess({ apiKey: 'k', exposed: false, clientSecrets: secrets, tokens, store });
  server = await createControlServer({ readiness: new Readiness(), models: new ModelsInUse([]), access });
  server.addHook('onRoute', ({ url, method }) => {
    for (const each of [method].flat()) if (each !== 'HEAD') served.push(`${each} ${url.replace(/:(\w+)/g, '{$1}')}`);
  });
  await registerClientSecrets(server, { access, secrets });
  await registerKeys(server, { access, store, tokens });
  const rest = {
    layers: () => {
      throw new ParleyError('not yet', { code: 'server.not_ready', status: 503 });
    },
    clock,
    access,
    onFault: () => {},
  };
  const router = new UpgradeRouter(server.server);
  const sockets = new SocketRoutes({ router, access, ready: () => false, onFault: () => {} });
  await registerOpenAiRest(server, rest);
  await registerWaves(server, {
    ...rest,
    sockets,
    tokens,
    dictionaries: new PronunciationDictionaries(store),
    fetchPrivate: false,
  });
  await registerDeepgram(server, { ...rest, sockets, tokens, fetchPrivate: false });
  registerOpenApi(server);
  paths = (await server.inject('/openapi.json')).json<{ readonly paths: typeof paths }>().paths;
});
afterAll(async () => {
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
});

it('every route is in the document, and nothing is that is not served', () => {
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  // Other spellings of a path are served as well, and told once.
  const own = served.filter((route) => !/ \/docs| \/api\/v1\/|\/lightning-large\/|\/models\/\*$|\/$/.test(route));
  expect(own.filter((route) => !documented.includes(route))).toEqual([]);
  // The first are there before anybody can listen, the last is a socket.
  const others = ['GET /health', 'GET /ready', 'GET /v1/parley/status', 'GET /v1/realtime'];
  expect(documented.filter((route) => !own.includes(route)).sort()).toEqual(others);
});

it('what is described is what is checked: examples are accepted, fields of the query are parameters', () => {
  for (const { request, path } of documentedRoutes) {
    if (!request) continue;
    const file = request.type === 'multipart/form-data' ? { file: new Uint8Array(1) } : {};
    expect(request.schema.safeParse({ ...(request.example as object), ...file }).error, path).toBeUndefined();
  }
  const { parameters = [] } = paths['/v1/parley/usage']?.get ?? {};
  expect(parameters.map(({ name, in: where }) => `${where} ${name}`)).toEqual([
    'query from',
    'query to',
    'query key_id',
    'query by',
  ]);
  expect(paths['/v1/parley/keys/{id}']?.delete?.parameters).toEqual([expect.objectContaining({ in: 'path' })]);
  expect(Object.keys(paths['/v1/parley/keys']?.post?.responses ?? {})).toEqual(['201', 'default']);
  expect(Object.keys(paths['/v1/realtime']?.get?.responses ?? {})).toEqual(['101', 'default']);
  expect(paths['/v1/realtime']?.get?.['x-messages']?.anyOf?.length).toBeGreaterThan(10);
});

it('the page shows all of it, and offers to send what can be sent', async () => {
  const page = (await server.inject('/docs')).body;
  for (const { method, path } of documentedRoutes) expect(page).toContain(`<code>${method} ${path}</code>`);
  expect(page).not.toContain('data-path="/v1/realtime"');
  expect(page).toContain('name="key_id" data-in="query"');
  expect([...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, name]) => name)).toEqual([
    'Server',
    'OpenAI',
    'Keys and usage',
    'Waves',
    'Deepgram',
  ]);
});
