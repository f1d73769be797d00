import {
  bigint,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';

/**
 * The database as the code sees it. What creates it is in `migrations.ts`; a test compares the two. Only what PostgreSQL
 * 15 and newer have, since a service brings its own.
 */

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
const count = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0);

/** Keys that `parley keys create` and `POST /v1/parley/keys` have given out. Revoked ones stay: usage refers to them. */
export const apiKeys = pgTable('api_keys', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  /** How the secret begins, for people to tell keys apart. */
  prefix: text('prefix').notNull(),
  /** SHA-256 of the secret, in hex. */
  secretHash: text('secret_hash').notNull().unique(),
  scopes: text('scopes').array().notNull(),
  /** Null: no limit of its own. */
  requestsPerMinute: integer('requests_per_minute'),
  /** Null: no limit of its own. */
  maxConcurrent: integer('max_concurrent'),
  createdAt: moment('created_at').notNull(),
  expiresAt: moment('expires_at'),
  revokedAt: moment('revoked_at'),
});

/**
 * What each key has used, added up by hour and scope: the table grows with time and keys, not with requests. `key_id` is
 * no foreign key, because the key of the settings has usage and no row.
 */
export const usageHours = pgTable(
  'usage_hours',
  {
    keyId: text('key_id').notNull(),
    hour: moment('hour').notNull(),
    scope: text('scope').notNull(),
    requests: count('requests'),
    audioInSeconds: doublePrecision('audio_in_seconds').notNull().default(0),
    audioOutSeconds: doublePrecision('audio_out_seconds').notNull().default(0),
    characters: count('characters'),
    inputTokens: count('input_tokens'),
    outputTokens: count('output_tokens'),
  },
  (table) => [primaryKey({ columns: [table.keyId, table.hour, table.scope] })],
);

/**
 * The last batch of usage that each running server has added. It is written together with the batch, so that one whose
 * answer was lost is not added twice.
 */
export const usageWriters = pgTable('usage_writers', {
  id: text('id').primaryKey(),
  lastBatch: bigint('last_batch', { mode: 'number' }).notNull(),
  writtenAt: moment('written_at').notNull(),
});

/** How words are to be read, by the key that has said so. `owner` is no foreign key, like `key_id` above; empty: nobody's. */
export const pronunciationDicts = pgTable(
  'pronunciation_dicts',
  {
    id: text('id').primaryKey(),
    owner: text('owner').notNull(),
    items: jsonb('items').$type<readonly { readonly word: string; readonly pronunciation: string }[]>().notNull(),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (table) => [index('pronunciation_dicts_by_owner').on(table.owner, table.createdAt)],
);

/** Which migrations have been applied. */
export const schemaMigrations = pgTable('schema_migrations', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  appliedAt: moment('applied_at').notNull(),
});
