import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAccess, type ServerAccess } from '../../src/platform/access/create-access.js';
import { createClientSecrets } from '../../src/platform/client-secrets.js';
import { readNewKey } from '../../src/platform/keys/key-fields.js';
import { Keys } from '../../src/platform/keys/keys.js';
import { createTokens } from '../../src/platform/keys/tokens.js';
import { usageReport } from '../../src/platform/usage/usage-report.js';
import { UsageWriter } from '../../src/platform/usage/usage-writer.js';
import { apiKeys, usageHours, usageWriters } from '../../src/store/schema.js';
import type { Store, StoreOptions } from '../../src/store/store.js';
import { Databases, testedDatabases } from './support/databases.js';

const databases = new Databases();
afterAll(() => databases.close());
const key = new Uint8Array(32).fill(3);
const serverKey = 'the-key-of-the-settings';

describe.each(await testedDatabases())('access by the %s database', (kind) => {
  let options: StoreOptions;
  let store: Store;
  beforeAll(async () => {
    options = await databases.fresh(kind);
    store = databases.open(options);
  });
  afterAll(() => databases.closeStores());
  let keys: Keys;
  let now: number;
  let nowMs: number;
  const opened: ServerAccess[] = [];
  const secrets = createClientSecrets({ key, now: () => now });
  const tokens = createTokens({ key, now: () => now });

  beforeEach(async () => {
    await store.use((db) => db.execute(sql`truncate ${apiKeys}, ${usageHours}, ${usageWriters}`));
    now = Date.now();
    nowMs = 0;
    keys = new Keys(store, () => now);
  });
  afterEach(async () => {
    for (const access of opened.splice(0)) await access.close();
  });

  function door(settings: { readonly apiKey?: string; readonly exposed?: boolean; readonly store?: Store } = {}) {
    const access = createAccess({
      apiKey: settings.apiKey,
      exposed: settings.exposed ?? false,
      clientSecrets: secrets,
      tokens,
      store: settings.store ?? store,
      now: () => now,
      nowMs: () => nowMs,
    });
    opened.push(access);
    return access;
  }

  const create = (fields: object = {}) => keys.create(readNewKey({ name: 'test', ...fields }, new Date(now)));
  const expectRefused = (entering: Promise<unknown>, code: string) => expect(entering).rejects.toMatchObject({ code });
  const report = (by: 'hour' | 'day' = 'day') =>
    usageReport(store, { from: new Date(now - 86_400_000), to: new Date(now + 1), keyId: undefined, by });

  it('is open while nobody has made a key, and asks for one from the first to the last', async () => {
    const access = door();
    await access.start();
    expect(access.required).toBe(false);
    expect((await access.enter(['anything'], 'manage')).keyId).toBeUndefined();
    const { key: made, secret } = await create({ scopes: ['speak'] });
    access.keysChanged();
    await expectRefused(access.enter([], 'speak'), 'access.unauthorized');
    expect(access.required).toBe(true);
    expect((await access.enter(['anything', secret], 'speak')).keyId).toBe(made.id);
    await keys.revoke(made.id);
    access.keysChanged();
    await access.enter([], 'speak');
    expect(access.required).toBe(false);
  });

  it('stays closed beyond this computer, keys or not', async () => {
    const access = door({ exposed: true });
    expect(access.required).toBe(true);
    for (const credentials of [[], [''], ['anything'], [`sk_parley_${'A'.repeat(43)}`]])
      await expectRefused(access.enter(credentials, 'any'), 'access.unauthorized');
  });

  it('lets a key do what it was made for, until it ends', async () => {
    const access = door({ apiKey: serverKey });
    const { key: made, secret } = await create({
      scopes: ['chat', 'transcribe'],
      expires_at: new Date(now + 60_000).toISOString(),
    });
    for (const scope of ['transcribe', 'chat', 'any'] as const)
      expect((await access.enter([secret], scope)).keyId).toBe(made.id);
    await expectRefused(access.enter([secret], 'manage'), 'access.forbidden');
    now += 60_000;
    await expectRefused(access.enter([secret], 'chat'), 'access.unauthorized');
    expect((await access.enter([serverKey], 'manage')).keyId).toBe('server');
  });

  it('keeps hashes, and shows nothing that opens', async () => {
    const { key: made, secret } = await create();
    const { rows } = (await store.use((db) => db.execute(sql`select * from ${apiKeys}`))) as unknown as {
      rows: Record<string, unknown>[];
    };
    expect(JSON.stringify([rows, made, await keys.list()])).not.toContain(secret.slice(20));
    expect(secret).toContain(made.prefix);
    expect(rows[0]).toMatchObject({ secret_hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('hears of a revocation on another node within ten seconds', async () => {
    const { key: made, secret } = await create();
    const other = door({ exposed: true });
    await other.enter([secret], 'chat');
    await keys.revoke(made.id);
    nowMs += 10_000;
    await expectRefused(other.enter([secret], 'chat'), 'access.unauthorized');
  });

  it('takes tokens for what they were made for, while they and their key are good', async () => {
    const access = door({ apiKey: serverKey });
    const { key: made } = await create({ scopes: ['speak', 'chat'], max_concurrent: 1 });
    const expiresAtS = Math.floor(now / 1_000) + 60;
    const token = tokens.issue({ scopes: ['speak', 'transcribe'], expiresAtS, keyId: made.id });
    const visit = await access.enter([token], 'speak');
    expect(visit.keyId).toBe(made.id);
    await expectRefused(access.enter([token], 'speak'), 'access.too_many');
    await visit.leave();
    // Neither more than the token was made for nor more than its key.
    await expectRefused(access.enter([token], 'chat'), 'access.forbidden');
    await expectRefused(access.enter([token], 'transcribe'), 'access.forbidden');
    await expectRefused(access.enter([`${token.slice(0, -4)}AAAA`], 'speak'), 'access.unauthorized');
    const foreign = createTokens({ key: new Uint8Array(32).fill(4) });
    const forged = foreign.issue({ scopes: ['speak'], expiresAtS, keyId: made.id });
    await expectRefused(access.enter([forged], 'speak'), 'access.unauthorized');
    now += 60_000;
    await expectRefused(access.enter([token], 'speak'), 'access.expired');
    const later = tokens.issue({ scopes: ['speak'], expiresAtS: expiresAtS + 600, keyId: made.id });
    await keys.revoke(made.id);
    access.keysChanged();
    await expectRefused(access.enter([later], 'speak'), 'access.unauthorized');
  });

  it('takes client secrets for sessions, with what is bound to them, and no longer than their key', async () => {
    const access = door({ apiKey: serverKey });
    const { key: made } = await create();
    const bound = { instructions: 'Sell tea.' };
    const secret = secrets.issue({ bound, expiresAtS: now / 1_000 + 60, keyId: made.id });
    expect(await access.enter([secret], 'converse')).toMatchObject({ keyId: made.id, bound });
    await expectRefused(access.enter([secret], 'manage'), 'access.forbidden');
    await keys.revoke(made.id);
    access.keysChanged();
    await expectRefused(access.enter([secret], 'converse'), 'access.unauthorized');
  });

  it('holds limits under 100 requests at once, and says when to come back', async () => {
    const access = door({ apiKey: serverKey });
    const few = await create({ max_concurrent: 7 });
    const slow = await create({ requests_per_minute: 12 });
    const storm = (secret: string) =>
      Promise.allSettled(Array.from({ length: 100 }, () => access.enter([secret], 'chat')));
    const [atOnce, aMinute] = await Promise.all([storm(few.secret), storm(slow.secret)]);
    const letIn = atOnce.filter((each) => each.status === 'fulfilled');
    expect(letIn).toHaveLength(7);
    expect(aMinute.filter((each) => each.status === 'fulfilled')).toHaveLength(12);
    for (const each of [...atOnce, ...aMinute])
      if (each.status === 'rejected')
        expect(each.reason).toMatchObject({ status: 429, retryable: true, retryAfterMs: expect.any(Number) });
    await Promise.all(letIn.map(({ value }) => value.leave()));
    await access.enter([few.secret], 'chat');
    await expectRefused(access.enter([slow.secret], 'chat'), 'access.rate_limited');
    nowMs += 60_000;
    await access.enter([slow.secret], 'chat');
    const { rows } = await report();
    expect(rows).toMatchObject([{ keyId: few.key.id, requests: 7 }]);
  });

  it('counts what is used by key, hour and scope, once', async () => {
    const access = door({ apiKey: serverKey });
    const { key: made, secret } = await create();
    const visit = await access.enter([secret], 'speak');
    await visit.use({ characters: 10, audioOutSeconds: 0.5 });
    await Promise.all([visit.leave({ characters: 5 }), visit.leave({ characters: 1_000 })]);
    await visit.use({ characters: 1_000 });
    const others = await Promise.all(Array.from({ length: 20 }, () => access.enter([serverKey], 'chat')));
    await Promise.all(
      others.map((each) => each.leave({ inputTokens: 3, outputTokens: 2, audioInSeconds: Number.NaN })),
    );
    const { rows } = await report('hour');
    expect([...rows].sort((a, b) => a.scope.localeCompare(b.scope))).toMatchObject([
      {
        keyId: 'server',
        keyName: undefined,
        scope: 'chat',
        requests: 20,
        inputTokens: 60,
        outputTokens: 40,
        audioInSeconds: 0,
      },
      { keyId: made.id, keyName: 'test', scope: 'speak', requests: 1, characters: 15, audioOutSeconds: 0.5 },
    ]);
    expect(rows[0]?.start.getTime()).toBe(Math.floor(now / 3_600_000) * 3_600_000);
  });

  it('only looks where a request is no use of its own', async () => {
    const access = door();
    const { secret } = await create({ requests_per_minute: 1, max_concurrent: 1 });
    for (let i = 0; i < 3; i++) await (await access.enter([secret], 'converse', { counts: false })).leave();
    await (await access.enter([secret], 'converse')).leave();
    expect((await report()).rows).toMatchObject([{ requests: 1 }]);
  });

  it('writes a batch once, when the database took it and the answer was lost', async () => {
    let lost = 0;
    const flaky = {
      use: async (work: Parameters<Store['use']>[0]) => {
        const result = await store.use(work);
        lost += 1;
        if (lost <= 2) throw new Error('the connection was lost');
        return result;
      },
    } as unknown as Store;
    const faults: unknown[] = [];
    const usage = new UsageWriter({ store: flaky, now: () => now, onFault: (fault) => faults.push(fault) });
    await usage.add('a', 'speak', { characters: 7 }, 1);
    await usage.add('a', 'speak', { characters: 7 }, 1);
    await usage.close();
    expect(lost).toBe(4);
    expect(faults).toMatchObject([{ code: 'usage.not_stored' }]);
    expect((await report()).rows).toMatchObject([{ keyId: 'a', requests: 2, characters: 14 }]);
  });

  it('lets nobody in whose key cannot be looked up, but the key of the settings', async () => {
    const { secret } = await create();
    const gone = databases.open(options);
    await gone.close();
    const access = door({ apiKey: serverKey, store: gone });
    await expect(access.enter([secret], 'chat')).rejects.toMatchObject({
      code: 'access.unavailable',
      status: 503,
      retryable: true,
    });
    const visit = await access.enter([serverKey], 'chat');
    await expect(visit.leave()).rejects.toMatchObject({ code: 'usage.not_stored' });
    const open = door({ store: gone });
    await expectRefused(open.enter([], 'chat'), 'access.unavailable');
    expect(open.required).toBe(true);
  });
});

it('a new server makes no database to learn that there are no keys', async () => {
  const dataDir = await databases.folder();
  const store = databases.open({ databaseUrl: undefined, dataDir });
  const access = createAccess({
    apiKey: serverKey,
    exposed: true,
    clientSecrets: createClientSecrets({ key }),
    tokens: createTokens({ key }),
    store,
  });
  await expect(access.enter([`sk_parley_${'A'.repeat(43)}`], 'chat')).rejects.toMatchObject({
    code: 'access.unauthorized',
  });
  expect(await new Keys(store).list()).toEqual([]);
  expect(store.exists).toBe(false);
});
