import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { keysCommand } from '../../src/cli/keys.js';
import type { CreatedKeyView } from '../../src/platform/keys/key-view.js';
import { House } from '../support/house.js';
import { Databases } from './support/databases.js';

const databases = new Databases();
const apiKey = 'the-key-of-the-settings';
let house: House | undefined;
afterEach(async () => {
  await house?.stop();
  house = undefined;
});
afterAll(() => databases.close());

async function parleyKeys(args: readonly string[], env: Readonly<Record<string, string>>) {
  let out = '';
  let err = '';
  let code = 0;
  const command = keysCommand({
    env,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    setExitCode: (exitCode) => {
      code = exitCode;
    },
  });
  await command.parseAsync([...args], { from: 'user' });
  return { out, err, code };
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe('a server with keys', () => {
  const start = async (env: Readonly<Record<string, string>>): Promise<House> => {
    house = await House.start(env);
    return house;
  };
  const ask = (path: string, init: RequestInit = {}) => fetch(`${house?.http}${path}`, init);
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });

  it('answers nothing but health, readiness and the studio without one', async () => {
    const { dataDir } = await databases.fresh('embedded');
    await start({ PARLEY_API_KEY: apiKey, PARLEY_DATA_DIR: dataDir });
    for (const path of ['/health', '/ready']) expect((await ask(path)).status).toBe(200);
    const guarded = [
      ['GET', '/v1/parley/status'],
      ['GET', '/v1/parley/keys'],
      ['POST', '/v1/parley/keys'],
      ['DELETE', '/v1/parley/keys/key_1'],
      ['GET', '/v1/parley/usage'],
      ['POST', '/v1/parley/tokens'],
      ['POST', '/v1/realtime/client_secrets'],
    ] as const;
    for (const [method, path] of guarded)
      for (const headers of [{}, bearer('wrong-key-of-nobody'), bearer(`sk_parley_${'A'.repeat(43)}`)]) {
        const answer = await ask(path, { method, headers: headers as Record<string, string> });
        expect(answer.status, `${method} ${path}`).toBe(401);
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
        expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
      }
    await expect(house?.connect({})).rejects.toMatchObject({ status: 401 });

    // A whole call with a key of the database, which is counted.
    const made = (await (await post('/v1/parley/keys', { name: 'shop' }, bearer(apiKey))).json()) as CreatedKeyView;
    expect(await house?.talk(made.key)).not.toBe('');
    const limited = { name: 'limited', scopes: ['manage'], requests_per_minute: 10 };
    const { key } = (await (await post('/v1/parley/keys', limited, bearer(apiKey))).json()) as CreatedKeyView;
    const storm = await Promise.all(
      Array.from({ length: 100 }, () => ask('/v1/parley/keys', { headers: bearer(key) })),
    );
    expect(storm.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = storm.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(90);
    for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    const requestsOf = async (name: string, scope: string) => {
      const usage = (await (await ask('/v1/parley/usage?by=hour', { headers: bearer(apiKey) })).json()) as {
        data: { key_name: string; scope: string; requests: number }[];
      };
      return usage.data
        .filter((row) => row.key_name === name && row.scope === scope)
        .reduce((sum, row) => sum + row.requests, 0);
    };
    // What was used is written behind the answers.
    await expect.poll(() => requestsOf('limited', 'manage'), { timeout: 10_000 }).toBe(10);
    await expect.poll(() => requestsOf('shop', 'converse'), { timeout: 10_000 }).toBe(1);

    // A token for a page, which is no more than its key and makes no others.
    const asked = { scopes: ['converse'], expires_in_seconds: 60 };
    const { token } = (await (await post('/v1/parley/tokens', asked, bearer(made.key))).json()) as { token: string };
    expect(await house?.talk(token)).not.toBe('');
    expect((await post('/v1/parley/tokens', asked, bearer(token))).status).toBe(401);
    expect((await post('/v1/parley/tokens', { scopes: ['manage'] }, bearer(apiKey))).status).toBe(400);
    expect((await post('/v1/parley/tokens', asked, bearer(key))).status).toBe(429);
    expect((await ask('/v1/parley/keys', { headers: bearer(made.key) })).status).toBe(403);
    for (const query of ['from=yesterday', 'by=week', 'nonsense=1'])
      expect((await ask(`/v1/parley/usage?${query}`, { headers: bearer(apiKey) })).status).toBe(400);
    expect((await post('/v1/parley/keys', { name: 'x', scopes: ['all'] }, bearer(apiKey))).status).toBe(400);
    expect((await post('/v1/parley/keys', { name: 'x', rate: 1 }, bearer(apiKey))).status).toBe(400);
  }, 60_000);

  it('is open on this computer until "parley keys create" is run beside it, and asks from then on', async () => {
    await start({});
    const env = { PARLEY_PORT: String(house?.port), PARLEY_DATA_DIR: house?.dataDir ?? '' };
    expect((await ask('/v1/parley/status')).status).toBe(200);
    const foreign = { origin: 'https://elsewhere.example' };
    expect((await post('/v1/parley/keys', { name: 'evil' }, foreign)).status).toBe(403);

    const made = await parleyKeys(
      ['create', '--name', 'first', '--rate', '600/min', '--json', '--scopes', 'manage'],
      env,
    );
    const created = JSON.parse(made.out) as CreatedKeyView;
    expect(created).toMatchObject({ name: 'first', requests_per_minute: 600, scopes: ['manage'] });
    expect((await ask('/v1/parley/status')).status).toBe(401);
    expect((await ask('/v1/parley/status', { headers: bearer(created.key) })).status).toBe(200);
    const without = await parleyKeys(['list'], env);
    expect(without).toMatchObject({ code: 1, err: expect.stringMatching(/Set PARLEY_API_KEY/) });
    const withKey = { ...env, PARLEY_API_KEY: created.key };
    const list = await parleyKeys(['list'], withKey);
    expect(list.out).toContain(created.id);
    expect(list.out).not.toContain(created.key);
    // The server's address is not the one that is asked, so the folder's lock speaks.
    const elsewhere = await parleyKeys(['list'], { ...env, PARLEY_PORT: '1' });
    expect(elsewhere).toMatchObject({ code: 1, err: expect.stringMatching(/in use by process \d+/) });
    expect((await parleyKeys(['revoke', created.id], withKey)).out).toContain('is revoked');
    expect((await ask('/v1/parley/status')).status).toBe(200);
  }, 60_000);
});

describe('parley keys without a server', () => {
  it('makes, lists and revokes keys in the folder itself', async () => {
    const { dataDir } = await databases.fresh('embedded');
    const env = { PARLEY_PORT: '1', PARLEY_DATA_DIR: dataDir };
    const made = await parleyKeys(['create', '--name', 'shop', '--concurrency', '4', '--expires', '90d'], env);
    expect(made.out).toMatch(/^sk_parley_[\w-]{43}\n/);
    const id = /key_\w+/.exec(made.out)?.[0] ?? '';
    expect((await parleyKeys(['list'], env)).out).toMatch(new RegExp(`${id} +shop .* good until`));
    expect((await parleyKeys(['revoke', id], env)).code).toBe(0);
    expect((await parleyKeys(['list'], env)).out).toMatch(new RegExp(`${id} +shop .* revoked`));
    expect(await parleyKeys(['revoke', 'key_none'], env)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no key/),
    });
    for (const wrong of [
      ['--rate', 'often'],
      ['--rate', '0'],
      ['--expires', 'soon'],
      ['--expires', '2001-01-01'],
      ['--scopes', 'everything'],
    ])
      expect(await parleyKeys(['create', '--name', 'x', ...wrong], env)).toMatchObject({ code: 2 });
  }, 60_000);
});
