import { ParleyError } from '../../ports/errors.js';
import type { Store } from '../../store/store.js';
import type { ClientSecrets } from '../client-secrets.js';
import { Keys } from '../keys/keys.js';
import { KnownKeys } from '../keys/known-keys.js';
import type { Tokens } from '../keys/tokens.js';
import { UsageWriter } from '../usage/usage-writer.js';
import type { Access, Scope, Usage, Visit } from './access.js';
import { type IdentifyOptions, type Identity, identify, type KeySource } from './identify.js';
import { LimitBook } from './key-limits.js';

export type AccessOptions = {
  /** The key of the settings, which may do everything. */
  readonly apiKey: string | undefined;
  /** Whether other computers can reach this server: then nobody comes in without a credential, keys or not. */
  readonly exposed: boolean;
  readonly clientSecrets: ClientSecrets;
  readonly tokens: Tokens;
  /** Keys and usage. Undefined: there are no keys but that of the settings, and nothing is counted. */
  readonly store: Store | undefined;
  /** Wall-clock time, in ms. @defaultValue `Date.now` */
  readonly now?: () => number;
  /** Monotonic time. @defaultValue `performance.now` */
  readonly nowMs?: () => number;
  /** Usage could not be stored, and is tried again. */
  readonly onFault?: (error: ParleyError) => void;
};

export type ServerAccess = Access & {
  /** Keys have been created or revoked on this node: what is known of them is asked anew. */
  keysChanged(): void;
  /**
   * Learns from the database whether there are keys, so that `required` is known.
   * @throws what `Store.open` throws
   */
  start(): Promise<void>;
  /** Writes what usage is still to be written. Idempotent; before the store is closed. */
  close(): Promise<void>;
};

const noKeys: KeySource = { bySecret: async () => undefined, byId: async () => undefined };

/**
 * The door. A credential is asked for when the settings have a key, when other computers can reach the server, or when
 * there is a good key in the database; as long as the last is not known, it is asked for.
 */
export function createAccess(options: AccessOptions): ServerAccess {
  const { apiKey, exposed, store, now = Date.now, nowMs = () => performance.now() } = options;
  const known = store && new KnownKeys(new Keys(store, now), nowMs);
  const usage = store && new UsageWriter({ store, now, ...(options.onFault ? { onFault: options.onFault } : {}) });
  const limits = new LimitBook(nowMs);
  const always = apiKey !== undefined || exposed;
  /** Whether the database had a good key when it was last asked; undefined before. */
  let anyKey: boolean | undefined;

  /** The database is not made to learn that it is empty, and not opened before there is something in it. */
  const isRequired = async (): Promise<boolean> => {
    if (always) return true;
    anyKey = known && store?.exists ? await known.any() : false;
    return anyKey;
  };

  const keys: KeySource = known
    ? {
        bySecret: async (secret) => (store?.exists ? known.bySecret(secret) : undefined),
        byId: async (id) => (store?.exists ? known.byId(id) : undefined),
      }
    : noKeys;
  const sources: IdentifyOptions = {
    apiKey,
    keys,
    clientSecrets: options.clientSecrets,
    tokens: options.tokens,
    now,
  };

  const count = (identity: Identity, scope: Scope | 'any', used: Usage, requests: number): Promise<void> =>
    usage && identity.keyId !== undefined ? usage.add(identity.keyId, scope, used, requests) : Promise.resolve();

  return {
    get required() {
      return always || (anyKey ?? store?.exists ?? false);
    },
    async enter(credentials, scope, { counts = true } = {}) {
      const identity = await isRequired()
        .then((required) => identify(credentials, required, sources))
        .catch(refuse);
      if (scope !== 'any' && !identity.scopes.includes(scope)) throw forbidden(identity, scope);
      const { keyId } = identity;
      const visit = { keyId, ...('bound' in identity ? { bound: identity.bound } : {}) };
      if (!counts) return { ...visit, leave: async () => {}, use: async () => {} };
      const giveBack = keyId === undefined ? () => {} : limits.enter(keyId, identity.limits);
      let left: Promise<void> | undefined;
      return {
        ...visit,
        leave(used = {}) {
          if (left) return left;
          giveBack();
          left = count(identity, scope, used, 1);
          return left;
        },
        use: (used) => (left ? Promise.resolve() : count(identity, scope, used, 0)),
      } satisfies Visit;
    },
    keysChanged() {
      known?.forget();
    },
    async start() {
      await isRequired();
    },
    async close() {
      await usage?.close();
    },
  };
}

/** What the database has against it is no answer to a client, but a client may come again. */
function refuse(error: unknown): never {
  if (ParleyError.isInstance(error) && !error.code.startsWith('store.')) throw error;
  throw new ParleyError('The keys cannot be looked up at the moment; try again.', {
    code: 'access.unavailable',
    retryable: true,
    status: 503,
    retryAfterMs: 1_000,
    cause: error,
  });
}

function forbidden({ scopes }: Identity, scope: Scope): ParleyError {
  const may = scopes.length === 0 ? 'nothing' : scopes.join(', ');
  return new ParleyError(`This key may be used for ${may}; expected one with the scope "${scope}".`, {
    code: 'access.forbidden',
    status: 403,
  });
}
