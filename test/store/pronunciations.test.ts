import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dictionaryLimits, PronunciationDictionaries } from '../../src/platform/pronunciations/dictionaries.js';
import { pronunciationDicts } from '../../src/store/schema.js';
import { Store, type StoreOptions } from '../../src/store/store.js';
import { Databases, testedDatabases } from './support/databases.js';

const databases = new Databases();
afterAll(() => databases.close());

const items = [{ word: 'SQL', pronunciation: 'sequel' }];
const now = Date.parse('2026-01-02T03:04:05.678Z');

describe.each(await testedDatabases())('pronunciation dictionaries in the %s database', (kind) => {
  let options: StoreOptions;
  let store: Store;
  let dictionaries: PronunciationDictionaries;
  beforeAll(async () => {
    options = await databases.fresh(kind);
    store = databases.open(options);
  });
  beforeEach(async () => {
    await store.use((db) => db.delete(pronunciationDicts));
    dictionaries = new PronunciationDictionaries(store, () => now);
  });
  afterAll(() => databases.closeStores());

  it('are there the next time', async () => {
    const made = await dictionaries.create('key_a', items);
    expect(made).toEqual({ id: expect.stringMatching(/^[0-9a-f]{24}$/), items, createdAt: new Date(now) });
    await store.close();
    store = databases.open(options);
    const again = new PronunciationDictionaries(store);
    expect(await again.list('key_a')).toEqual([made]);
    expect(await again.items('key_a', [made.id])).toEqual(items);
  });

  it('are seen by whoever made them, and those without a key share theirs', async () => {
    const ofKey = await dictionaries.create('key_a', items);
    const ofNobody = await dictionaries.create(undefined, items);
    expect(await dictionaries.list('key_b')).toEqual([]);
    expect((await dictionaries.list(undefined)).map(({ id }) => id)).toEqual([ofNobody.id]);
    const unknown = { code: 'pronunciation.unknown', status: 404 };
    await expect(dictionaries.items('key_b', [ofKey.id])).rejects.toMatchObject(unknown);
    await expect(dictionaries.replace(undefined, ofKey.id, items)).rejects.toMatchObject(unknown);
    await expect(dictionaries.remove('key_b', ofKey.id)).rejects.toMatchObject(unknown);
    expect(await dictionaries.items('key_a', [ofKey.id])).toEqual(items);
  });

  it('give the words of several in the order in which they are named', async () => {
    const first = await dictionaries.create('key_a', items);
    const second = await dictionaries.create('key_a', [{ word: 'SQL', pronunciation: 'squeal' }]);
    const read = async (...ids: string[]) =>
      (await dictionaries.items('key_a', ids)).map(({ pronunciation }) => pronunciation);
    expect(await read(second.id, first.id)).toEqual(['squeal', 'sequel']);
    expect(await read(first.id, second.id)).toEqual(['sequel', 'squeal']);
    expect(await read()).toEqual([]);
  });

  it('are no more than one key may have', async () => {
    for (let at = 0; at < dictionaryLimits.maxDictionaries; at += 1) await dictionaries.create('key_a', items);
    await expect(dictionaries.create('key_a', items)).rejects.toMatchObject({ code: 'pronunciation.too_many' });
    await dictionaries.create('key_b', items);
    expect(await dictionaries.list('key_a')).toHaveLength(dictionaryLimits.maxDictionaries);
  });
});

it('looking for dictionaries makes no database', async () => {
  const store = new Store({ databaseUrl: undefined, dataDir: await databases.folder() });
  const dictionaries = new PronunciationDictionaries(store);
  expect(await dictionaries.list(undefined)).toEqual([]);
  await expect(dictionaries.items(undefined, ['x'])).rejects.toMatchObject({ code: 'pronunciation.unknown' });
  expect(store.exists).toBe(false);
});
