import { ParleyError } from '../../ports/errors.js';
import { hashOf } from './key-secret.js';
import type { Key, Keys } from './keys.js';

export const knownKeyLimits = {
  /** What the database has said is believed for this long: another node's revocation arrives as late. */
  freshMs: 10_000,
  /** Keys that are remembered; the one that was looked up longest ago gives way. */
  maxKnown: 1_000,
  /** Lookups under way; more are refused with `access.unavailable`. */
  maxLookups: 64,
} as const;

type Answer<T> = { readonly value: T; readonly atMs: number };

/** What the database says of keys, remembered for a moment: a request that follows another asks nothing. */
export class KnownKeys {
  readonly #keys: Keys;
  readonly #nowMs: () => number;
  readonly #known = new Map<string, Answer<Key>>();
  readonly #lookups = new Map<string, Promise<Key | undefined>>();
  #any: Answer<boolean> | undefined;
  #asking: Promise<boolean> | undefined;

  constructor(keys: Keys, nowMs: () => number) {
    this.#keys = keys;
    this.#nowMs = nowMs;
  }

  /** How long it takes tells something of the hash at most, and nobody can choose a key by its hash. */
  bySecret(secret: string): Promise<Key | undefined> {
    const hash = hashOf(secret);
    return this.#look(hash, () => this.#keys.byHash(hash));
  }

  byId(id: string): Promise<Key | undefined> {
    return this.#look(id, () => this.#keys.byId(id));
  }

  /** Whether there is a key that is good. */
  async any(): Promise<boolean> {
    if (this.#isFresh(this.#any)) return this.#any.value;
    const asking = this.#asking ?? this.#keys.any();
    this.#asking = asking;
    try {
      const value = await asking;
      // Created or revoked meanwhile: the answer is of before.
      if (this.#asking === asking) this.#any = { value, atMs: this.#nowMs() };
      return value;
    } finally {
      if (this.#asking === asking) this.#asking = undefined;
    }
  }

  /** Keys have been created or revoked on this node, which takes effect at once. */
  forget(): void {
    this.#known.clear();
    this.#lookups.clear();
    this.#any = undefined;
    this.#asking = undefined;
  }

  async #look(name: string, ask: () => Promise<Key | undefined>): Promise<Key | undefined> {
    const known = this.#known.get(name);
    if (this.#isFresh(known)) return known.value;
    const under = this.#lookups.get(name);
    if (under) return under;
    if (this.#lookups.size >= knownKeyLimits.maxLookups)
      throw new ParleyError('More keys are being looked up than the database can answer; try again.', {
        code: 'access.unavailable',
        retryable: true,
        status: 503,
        retryAfterMs: 1_000,
      });
    const lookup = ask();
    this.#lookups.set(name, lookup);
    try {
      const key = await lookup;
      // Revoked meanwhile: what was found is of before.
      if (this.#lookups.get(name) === lookup) this.#remember(name, key);
      return key;
    } finally {
      if (this.#lookups.get(name) === lookup) this.#lookups.delete(name);
    }
  }

  #remember(name: string, key: Key | undefined): void {
    this.#known.delete(name);
    if (!key) return;
    this.#known.set(name, { value: key, atMs: this.#nowMs() });
    const [oldest] = this.#known.keys();
    if (this.#known.size > knownKeyLimits.maxKnown && oldest !== undefined) this.#known.delete(oldest);
  }

  #isFresh<T>(answer: Answer<T> | undefined): answer is Answer<T> {
    return answer !== undefined && this.#nowMs() - answer.atMs < knownKeyLimits.freshMs;
  }
}
