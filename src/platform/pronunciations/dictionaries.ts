import { randomBytes } from 'node:crypto';
import { and, count, desc, eq, inArray } from 'drizzle-orm';
import { ParleyError } from '../../ports/errors.js';
import { pronunciationDicts } from '../../store/schema.js';
import type { Store } from '../../store/store.js';

/** How a word is to be read: written out in ordinary words, such as "sequel" for "SQL". */
export type Pronunciation = { readonly word: string; readonly pronunciation: string };

export type PronunciationDictionary = {
  readonly id: string;
  readonly items: readonly Pronunciation[];
  readonly createdAt: Date;
};

export const dictionaryLimits = {
  /** Of one owner. */
  maxDictionaries: 100,
  maxItems: 1_000,
  maxWordCharacters: 100,
  maxPronunciationCharacters: 100,
} as const;

/** Who has no key owns together what was made where nobody is asked for one. */
const nobody = '';

/**
 * The pronunciation dictionaries in the database. Each belongs to the key that made it: others do not see it. All methods
 * throw what `Store.use` throws.
 */
export class PronunciationDictionaries {
  readonly #store: Store;
  readonly #now: () => number;

  /** @param now wall-clock time, in ms */
  constructor(store: Store, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  /** @throws ParleyError `pronunciation.too_many` (400) */
  async create(keyId: string | undefined, items: readonly Pronunciation[]): Promise<PronunciationDictionary> {
    const owner = keyId ?? nobody;
    const dictionary = {
      id: randomBytes(12).toString('hex'),
      items: items.map(({ word, pronunciation }) => ({ word, pronunciation })),
      createdAt: new Date(this.#now()),
    };
    await this.#store.use((db) =>
      db.transaction(async (tx) => {
        const [had] = await tx
          .select({ number: count() })
          .from(pronunciationDicts)
          .where(eq(pronunciationDicts.owner, owner));
        if ((had?.number ?? 0) >= dictionaryLimits.maxDictionaries) throw tooMany();
        await tx.insert(pronunciationDicts).values({ ...dictionary, owner, updatedAt: dictionary.createdAt });
      }),
    );
    return dictionary;
  }

  /** The newest first. */
  async list(keyId: string | undefined): Promise<readonly PronunciationDictionary[]> {
    // Nothing has been made, and looking must not make it.
    if (!this.#store.exists) return [];
    return this.#store.use((db) =>
      db
        .select(shown)
        .from(pronunciationDicts)
        .where(eq(pronunciationDicts.owner, keyId ?? nobody))
        .orderBy(desc(pronunciationDicts.createdAt), pronunciationDicts.id)
        .limit(dictionaryLimits.maxDictionaries),
    );
  }

  /** Puts other words in the place of all that were in it. @throws ParleyError `pronunciation.unknown` (404) */
  async replace(
    keyId: string | undefined,
    id: string,
    items: readonly Pronunciation[],
  ): Promise<PronunciationDictionary> {
    const rows = this.#store.exists
      ? await this.#store.use((db) =>
          db
            .update(pronunciationDicts)
            .set({
              items: items.map(({ word, pronunciation }) => ({ word, pronunciation })),
              updatedAt: new Date(this.#now()),
            })
            .where(ownedBy(keyId, [id]))
            .returning(shown),
        )
      : [];
    const [row] = rows;
    if (!row) throw unknown(id);
    return row;
  }

  /** @throws ParleyError `pronunciation.unknown` (404) */
  async remove(keyId: string | undefined, id: string): Promise<void> {
    const rows = this.#store.exists
      ? await this.#store.use((db) =>
          db
            .delete(pronunciationDicts)
            .where(ownedBy(keyId, [id]))
            .returning({ id: pronunciationDicts.id }),
        )
      : [];
    if (rows.length === 0) throw unknown(id);
  }

  /**
   * The words of several dictionaries, those of the first one first.
   * @throws ParleyError `pronunciation.unknown` (404)
   */
  async items(keyId: string | undefined, ids: readonly string[]): Promise<readonly Pronunciation[]> {
    if (ids.length === 0) return [];
    const rows = this.#store.exists
      ? await this.#store.use((db) =>
          db
            .select(shown)
            .from(pronunciationDicts)
            .where(ownedBy(keyId, [...ids])),
        )
      : [];
    return ids.flatMap((id) => {
      const found = rows.find((row) => row.id === id);
      if (!found) throw unknown(id);
      return found.items;
    });
  }
}

const shown = {
  id: pronunciationDicts.id,
  items: pronunciationDicts.items,
  createdAt: pronunciationDicts.createdAt,
};

function ownedBy(keyId: string | undefined, ids: string[]) {
  return and(eq(pronunciationDicts.owner, keyId ?? nobody), inArray(pronunciationDicts.id, ids));
}

function unknown(id: string): ParleyError {
  return new ParleyError(`There is no pronunciation dictionary "${id.slice(0, 60)}" of this key.`, {
    code: 'pronunciation.unknown',
    status: 404,
  });
}

function tooMany(): ParleyError {
  return new ParleyError(
    `This key has ${dictionaryLimits.maxDictionaries} pronunciation dictionaries, as many as it may have; delete one first.`,
    { code: 'pronunciation.too_many', status: 400 },
  );
}
