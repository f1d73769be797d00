import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { serverKeyId } from '../../../platform/access/identify.js';
import { keyedAccess } from '../../../platform/access/keyed-access-fixture.js';
import { type ClientSecrets, createClientSecrets } from '../../../platform/client-secrets.js';
import { ModelsInUse } from '../../../platform/models-in-use.js';
import { Readiness } from '../../../platform/readiness.js';
import { type ControlServer, createControlServer } from '../../control/server.js';
import { attachRealtime } from '../realtime/attach-realtime.js';
import { registerClientSecrets } from './client-secrets-route.js';

const path = '/v1/realtime/client_secrets';
const apiKey = 'the-key-of-the-server';
const authorized = { authorization: `Bearer ${apiKey}` };

let nowMs: number;
let secrets: ClientSecrets;
let server: ControlServer;
const closers: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  nowMs = Date.now();
  secrets = createClientSecrets({ key: new Uint8Array(32).fill(1), now: () => nowMs });
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(key?: string): Promise<void> {
  server = await createControlServer({
    readiness: new Readiness(),
    models: new ModelsInUse([]),
    access: keyedAccess(),
  });
  closers.push(() => server.close());
  const defaults = { instructions: 'Be kind.', voices: ['heart'] };
  await registerClientSecrets(server, { secrets, defaults, access: keyedAccess(key, secrets) });
}

const post = (payload: object | string | undefined, headers: Record<string, string> = {}) =>
  server.inject({
    method: 'POST',
    url: path,
    ...(payload === undefined ? {} : { payload }),
    headers: { ...(typeof payload === 'string' ? { 'content-type': 'application/json' } : {}), ...headers },
  });

describe('client secrets', () => {
  it('are given in the shape of the protocol, with the session that they open', async () => {
    await start(apiKey);
    const session = { type: 'realtime', instructions: 'Sell tea.', audio: { output: { voice: 'alloy' } } };
    const answer = await post({ expires_after: { anchor: 'created_at', seconds: 60 }, session }, authorized);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const body = answer.json();
    expect(body.value).toMatch(/^ek_/);
    expect(body.expires_at).toBeCloseTo(nowMs / 1_000 + 60, -1);
    expect(body.session).toMatchObject({
      type: 'realtime',
      object: 'realtime.session',
      id: expect.stringMatching(/^sess_/),
      instructions: 'Sell tea.',
      audio: { output: { voice: 'heart' } },
    });
  });

  it('last ten minutes when nothing is said, even without a body', async () => {
    await start();
    for (const body of [{}, undefined]) {
      const { expires_at, session } = (await post(body)).json();
      expect(expires_at).toBeCloseTo(nowMs / 1_000 + 600, -1);
      expect(session.instructions).toBe('Be kind.');
    }
  });

  it('are given to whoever has the key, and not to whoever has another secret', async () => {
    await start(apiKey);
    const { value } = (await post({}, authorized)).json();
    for (const headers of [{}, { authorization: 'Bearer other' }, { authorization: `Bearer ${value}` }]) {
      const answer = await post({}, headers as Record<string, string>);
      expect(answer.statusCode).toBe(401);
      expect(answer.json()).toMatchObject({ error: { type: 'invalid_request_error', code: 'invalid_api_key' } });
    }
  });

  it('are not given to a foreign page when there is no key', async () => {
    await start();
    const answer = await post({}, { origin: 'https://elsewhere.example', host: '127.0.0.1:8787' });
    expect(answer.statusCode).toBe(403);
  });

  it.each([
    [{ expires_after: { seconds: 5 } }, 'expires_after.seconds', /10 to 7200/],
    [{ expires_after: { seconds: 7_201 } }, 'expires_after.seconds', /10 to 7200/],
    [{ expires_after: { anchor: 'last_used' } }, 'expires_after.anchor', /created_at/],
    [{ session: { type: 'translation' } }, 'session.type', /transcription/],
    [
      { session: { audio: { input: { format: { type: 'audio/mp3' } } } } },
      'session.audio.input.format.type',
      /audio\/pcm/,
    ],
    [{ session: { instructions: 7 } }, 'session.instructions', /a text/],
    [[], '', /object/],
  ])('are refused for %j', async (body, param, message) => {
    await start();
    const answer = await post(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toMatchObject({ type: 'invalid_request_error', param });
    expect(answer.json().error.message).toMatch(message);
  });

  it('are refused in the same shape when the body is no JSON, or more than a secret holds', async () => {
    await start();
    expect((await post('{"session":')).json()).toMatchObject({ error: { type: 'invalid_request_error', param: null } });
    const noise = Array.from({ length: 20_000 }, (_, i) => ((i * 48_271) % 65_521).toString(36)).join('');
    const large = await post({ session: { instructions: noise.slice(0, 60_000) } });
    expect(large.statusCode).toBe(400);
    expect(large.json().error.code).toBe('client_secret.too_large');
    expect((await post({ session: { instructions: 'x'.repeat(300_000) } })).statusCode).toBe(413);
  });
});

describe('a session that is opened with a client secret', () => {
  let http: Server;
  let url: string;

  async function serve(key?: string): Promise<void> {
    http = createServer();
    const endpoint = attachRealtime(http, {
      admit: () => new Promise(() => {}),
      ready: () => true,
      access: keyedAccess(key, secrets),
    });
    closers.push(async () => {
      await endpoint.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/v1/realtime?model=parley`;
  }

  const issue = (session: object, by?: { readonly keyId: string }): string =>
    secrets.issue({ bound: session, expiresAtS: nowMs / 1_000 + 60, ...by });

  /** The first message, or the refusal's status and body. */
  function open(protocols: string[], headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const socket = new WebSocket(url, protocols, { headers });
    closers.push(async () => socket.terminate());
    return new Promise((resolve, reject) => {
      socket.once('message', (data) => resolve(JSON.parse(data.toString())));
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) => {
        let body = '';
        response.on('data', (part) => {
          body += part;
        });
        response.on('end', () => resolve({ status: response.statusCode, ...JSON.parse(body) }));
      });
    });
  }

  it.each([
    ['the subprotocol of a browser', (secret: string) => open(['realtime', `openai-insecure-api-key.${secret}`])],
    ['the header', (secret: string) => open([], { authorization: `Bearer ${secret}` })],
  ])('begins with what is bound to it, by %s', async (_where, connect) => {
    await serve(apiKey);
    const first = await connect(
      issue(
        { instructions: 'Sell tea.', audio: { input: { format: { type: 'audio/pcmu' } } } },
        { keyId: serverKeyId },
      ),
    );
    expect(first).toMatchObject({
      type: 'session.created',
      session: { instructions: 'Sell tea.', audio: { input: { format: { type: 'audio/pcmu' } } } },
    });
  });

  it('is refused when it has expired, or is of another server, with a key and without one', async () => {
    for (const key of [apiKey, undefined]) {
      await serve(key);
      const secret = issue({});
      nowMs += 61_000;
      expect(await open([], { authorization: `Bearer ${secret}` })).toMatchObject({
        status: 401,
        error: { code: 'client_secret_expired' },
      });
      const foreign = createClientSecrets({ key: new Uint8Array(32).fill(2) }).issue({ bound: {}, expiresAtS: 9e9 });
      expect(await open([], { authorization: `Bearer ${foreign}` })).toMatchObject({
        status: 401,
        error: { code: 'invalid_api_key' },
      });
    }
  });

  it('is refused when nobody with a key has asked for it, once a key is needed', async () => {
    await serve(apiKey);
    expect(await open([], { authorization: `Bearer ${issue({})}` })).toMatchObject({ status: 401 });
  });

  it('may be opened by a page of anybody, since only who was given the secret has it', async () => {
    await serve();
    const protocols = ['realtime', `openai-insecure-api-key.${issue({})}`];
    expect(await open(protocols, { origin: 'https://shop.example' })).toMatchObject({ type: 'session.created' });
  });
});
