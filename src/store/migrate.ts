import { sql } from 'drizzle-orm';
import { ParleyError } from '../ports/errors.js';
import { migrations as known, type Migration } from './migrations.js';
import { schemaMigrations } from './schema.js';
import type { Db } from './store.js';

/** Any number, the same in every version: whoever migrates holds it, so that of many servers one does. */
const lockNumber = 7_270_017;

/**
 * Brings a database to the newest schema, all steps in one transaction.
 * @returns the names of the steps that were applied
 * @throws ParleyError `store.newer` when a newer version of this program has used the database
 */
export async function migrate(db: Db, migrations: readonly Migration[] = known): Promise<readonly string[]> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${lockNumber})`);
    await tx.execute(
      sql`create table if not exists schema_migrations (
        id integer primary key, name text not null, applied_at timestamptz(3) not null
      )`,
    );
    const applied = await tx.select().from(schemaMigrations).orderBy(schemaMigrations.id);
    const newest = migrations.at(-1)?.id ?? 0;
    const unknown = applied.find(({ id }) => id > newest);
    if (unknown)
      throw new ParleyError(
        `The database was changed by a newer version of Parley (step ${unknown.id}, "${unknown.name}"; this version knows ${newest}). Use that version, or another database.`,
        { code: 'store.newer' },
      );
    const done = new Set(applied.map(({ id }) => id));
    const due = migrations.filter(({ id }) => !done.has(id));
    for (const { id, name, statements } of due) {
      for (const statement of statements) await tx.execute(sql.raw(statement));
      await tx.insert(schemaMigrations).values({ id, name, appliedAt: new Date() });
    }
    return due.map(({ name }) => name);
  });
}
