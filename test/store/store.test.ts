import { eq, sql } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../src/store/migrate.js';
import { migrations } from '../../src/store/migrations.js';
import * as schema from '../../src/store/schema.js';
import type { Store, StoreEvent, StoreOptions } from '../../src/store/store.js';
import { Databases, testedDatabases } from './support/databases.js';

const { usageWriters } = schema;
const databases = new Databases();
afterAll(() => databases.close());

const row = (id: string, lastBatch = 1) => ({ id, lastBatch, writtenAt: new Date('2026-01-02T03:04:05.678Z') });

describe.each(await testedDatabases())('a store in the %s database', (kind) => {
  let options: StoreOptions;
  let store: Store;
  const openFresh = async (): Promise<void> => {
    options = await databases.fresh(kind);
    store = databases.open(options);
  };

  describe('that is open', () => {
    beforeAll(openFresh);
    afterAll(() => databases.closeStores());
    beforeEach(async () => void (await store.use((db) => db.delete(usageWriters))));

    it('commits a transaction as a whole, and rolls one back that fails', async () => {
      await store.use((db) =>
        db.transaction(async (tx) => {
          await tx.insert(usageWriters).values(row('a'));
          await tx.transaction((inner) => inner.insert(usageWriters).values(row('b')));
        }),
      );
      const failing = store.use((db) =>
        db.transaction(async (tx) => {
          await tx.insert(usageWriters).values(row('c'));
          throw new Error('changed my mind');
        }),
      );
      await expect(failing).rejects.toThrow('changed my mind');
      const rows = await store.use((db) => db.select().from(usageWriters).orderBy(usageWriters.id));
      expect(rows.map(({ id }) => id)).toEqual(['a', 'b']);
    });

    it('keeps transactions apart that are under way at once', async () => {
      await store.use((db) => db.insert(usageWriters).values(row('sum', 0)));
      const add = () =>
        store.use((db) =>
          db.transaction(async (tx) => {
            const [found] = await tx.select().from(usageWriters).where(eq(usageWriters.id, 'sum')).for('update');
            await tx.update(usageWriters).set({ lastBatch: (found?.lastBatch ?? 0) + 1 });
          }),
        );
      await Promise.all(Array.from({ length: 20 }, add));
      expect(await store.use((db) => db.select().from(usageWriters))).toMatchObject([{ lastBatch: 20 }]);
    });

    it('tells a failed statement from a database that is gone', async () => {
      await store.use((db) => db.insert(usageWriters).values(row('a')));
      await expect(store.use((db) => db.insert(usageWriters).values(row('a')))).rejects.toMatchObject({
        code: 'store.failed',
        retryable: false,
        message: expect.stringMatching(/duplicate key/),
      });
      await store.use((db) => db.select().from(usageWriters));
    });

    it('refuses work beyond what may wait, and recovers', async () => {
      await store.open();
      const all = Array.from({ length: 1_100 }, () => store.use((db) => db.execute(sql`select 1`)));
      const settled = await Promise.allSettled(all);
      const refused = settled.filter((each) => each.status === 'rejected');
      expect(refused).toHaveLength(100);
      for (const { reason } of refused) expect(reason).toMatchObject({ code: 'store.busy', retryable: true });
      await store.use((db) => db.execute(sql`select 1`));
    });

    it('has the tables that the code expects', async () => {
      for (const table of Object.values(schema)) {
        const { name, columns } = getTableConfig(table);
        const { rows } = (await store.use((db) =>
          db.execute(
            sql`select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required
                from pg_attribute a where a.attrelid = ${name}::regclass and a.attnum > 0 order by a.attnum`,
          ),
        )) as unknown as { rows: { name: string; type: string; required: boolean }[] };
        const expected = columns.map((column) => ({
          name: column.name,
          type: column.getSQLType().replace(/^timestamp \((\d)\) with time zone$/, 'timestamp($1) with time zone'),
          required: column.notNull,
        }));
        expect(rows, name).toEqual(expected);
      }
    });
  });

  describe('that is opened and closed', () => {
    beforeEach(openFresh);
    afterEach(() => databases.closeStores());

    it('keeps rows from one opening to the next', async () => {
      await store.use((db) => db.insert(usageWriters).values(row('a', 2 ** 52)));
      await store.close();
      const rows = await databases.open(options).use((db) => db.select().from(usageWriters));
      expect(rows).toEqual([row('a', 2 ** 52)]);
    });

    it('goes forward step by step, each one once, with what was there', async () => {
      await store.use((db) => db.insert(usageWriters).values(row('a')));
      const [first] = migrations.slice(-1);
      const next = {
        id: (first?.id ?? 0) + 1,
        name: 'a note on writers',
        statements: [`alter table usage_writers add column note text not null default 'none'`],
      };
      await store
        .use((db) => migrate(db, [...migrations, next]))
        .then((applied) => expect(applied).toEqual([next.name]));
      expect(await store.use((db) => migrate(db, [...migrations, next]))).toEqual([]);
      const { rows } = (await store.use((db) => db.execute(sql`select id, note from usage_writers`))) as unknown as {
        rows: unknown[];
      };
      expect(rows).toEqual([{ id: 'a', note: 'none' }]);
    });

    it('does nothing of a step that fails half-way', async () => {
      await store.open();
      const next = {
        id: 1_000,
        name: 'broken',
        statements: ['create table half (id integer)', 'create tabel half_2 ()'],
      };
      await expect(store.use((db) => migrate(db, [...migrations, next]))).rejects.toMatchObject({
        code: 'store.failed',
      });
      await expect(store.use((db) => db.execute(sql`select * from half`))).rejects.toThrow(/does not exist/);
      await store.close();
      await databases.open(options).open();
    });

    it('is refused when a newer version has changed it', async () => {
      await store.use((db) => migrate(db, [...migrations, { id: 99, name: 'from the future', statements: [] }]));
      await store.close();
      const events: StoreEvent[] = [];
      const older = databases.open({ ...options, onEvent: (event) => events.push(event) });
      await expect(older.open()).rejects.toMatchObject({
        code: 'store.newer',
        message: expect.stringContaining('step 99, "from the future"'),
      });
      expect(events).toMatchObject([{ type: 'failed' }]);
    });

    it('is closed once and for all', async () => {
      await store.open();
      await Promise.all([store.close(), store.close()]);
      await expect(store.use((db) => db.execute(sql`select 1`))).rejects.toMatchObject({ code: 'store.closed' });
    });
  });
});
