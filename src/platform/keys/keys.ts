import { randomBytes } from 'node:crypto';
import { and, desc, eq, gt, isNull, or } from 'drizzle-orm';
import { ParleyError } from '../../ports/errors.js';
import { apiKeys } from '../../store/schema.js';
import type { Store } from '../../store/store.js';
import { type Scope, scopes } from '../access/access.js';
import type { NewKey } from './key-fields.js';
import { hashOf, makeSecret, shownPart } from './key-secret.js';

/** A key, without what proves that one has it. */
export type Key = {
  readonly id: string;
  readonly name: string;
  /** How the key begins. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly requestsPerMinute: number | undefined;
  readonly maxConcurrent: number | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date | undefined;
  readonly revokedAt: Date | undefined;
};

/** A new key, and the only time that it is said. */
export type CreatedKey = { readonly key: Key; readonly secret: string };

/** More than anybody has; a list is cut there. */
const maxListed = 1_000;

/** The keys in the database. All methods throw what `Store.use` throws. */
export class Keys {
  readonly #store: Store;
  readonly #now: () => number;

  constructor(store: Store, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  async create(fields: NewKey): Promise<CreatedKey> {
    const secret = makeSecret();
    const row = {
      id: `key_${randomBytes(12).toString('hex')}`,
      name: fields.name,
      prefix: shownPart(secret),
      secretHash: hashOf(secret),
      scopes: fields.scopes,
      requestsPerMinute: fields.requests_per_minute,
      maxConcurrent: fields.max_concurrent,
      createdAt: new Date(this.#now()),
      expiresAt: fields.expires_at,
      revokedAt: null,
    };
    await this.#store.use((db) => db.insert(apiKeys).values(row));
    return { key: keyOf(row), secret };
  }

  /** The newest first, those that are no longer good included. */
  async list(): Promise<readonly Key[]> {
    // Nothing has been made, and looking must not make it.
    if (!this.#store.exists) return [];
    const rows = await this.#store.use((db) =>
      db.select().from(apiKeys).orderBy(desc(apiKeys.createdAt), apiKeys.id).limit(maxListed),
    );
    return rows.map(keyOf);
  }

  /** Ends a key, once and for all. @throws ParleyError `keys.unknown` */
  async revoke(id: string): Promise<Key> {
    const rows = this.#store.exists
      ? await this.#store.use((db) =>
          db.transaction(async (tx) => {
            await tx
              .update(apiKeys)
              .set({ revokedAt: new Date(this.#now()) })
              .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)));
            return tx.select().from(apiKeys).where(eq(apiKeys.id, id));
          }),
        )
      : [];
    const [row] = rows;
    if (!row)
      throw new ParleyError(`There is no key ${id.slice(0, 40)}; "parley keys list" shows those there are.`, {
        code: 'keys.unknown',
        status: 404,
      });
    return keyOf(row);
  }

  async byHash(secretHash: string): Promise<Key | undefined> {
    const [row] = await this.#store.use((db) => db.select().from(apiKeys).where(eq(apiKeys.secretHash, secretHash)));
    return row && keyOf(row);
  }

  async byId(id: string): Promise<Key | undefined> {
    const [row] = await this.#store.use((db) => db.select().from(apiKeys).where(eq(apiKeys.id, id)));
    return row && keyOf(row);
  }

  /** Whether there is a key that is good. */
  async any(): Promise<boolean> {
    const now = new Date(this.#now());
    const rows = await this.#store.use((db) =>
      db
        .select({ id: apiKeys.id })
        .from(apiKeys)
        .where(and(isNull(apiKeys.revokedAt), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now))))
        .limit(1),
    );
    return rows.length > 0;
  }
}

/** Whether a key may be used at a moment. */
export function isGood({ revokedAt, expiresAt }: Key, nowMs: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || expiresAt.getTime() > nowMs);
}

function keyOf(row: typeof apiKeys.$inferSelect): Key {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    // A scope that this version does not know opens nothing.
    scopes: scopes.filter((scope) => row.scopes.includes(scope)),
    requestsPerMinute: row.requestsPerMinute ?? undefined,
    maxConcurrent: row.maxConcurrent ?? undefined,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt ?? undefined,
    revokedAt: row.revokedAt ?? undefined,
  };
}
