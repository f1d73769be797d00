import { ParleyError } from '../../ports/errors.js';
import { type ClientSecrets, clientSecretPrefix } from '../client-secrets.js';
import { looksLikeSecret, sameSecret } from '../keys/key-secret.js';
import { isGood, type Key } from '../keys/keys.js';
import { type Tokens, tokenPrefix } from '../keys/tokens.js';
import { type Scope, scopes } from './access.js';
import type { KeyLimits } from './key-limits.js';

/** Of the key in the settings, which has no row in the database. */
export const serverKeyId = 'server';

/** Who has come. */
export type Identity = {
  /** Undefined: nobody asks. */
  readonly keyId: string | undefined;
  readonly scopes: readonly Scope[];
  readonly limits: KeyLimits;
  readonly bound?: unknown;
};

/** Where keys are looked up. */
export type KeySource = {
  bySecret(secret: string): Promise<Key | undefined>;
  byId(id: string): Promise<Key | undefined>;
};

export type IdentifyOptions = {
  /** The key of the settings, which may do everything. */
  readonly apiKey: string | undefined;
  readonly keys: KeySource;
  readonly clientSecrets: ClientSecrets;
  readonly tokens: Tokens;
  readonly now: () => number;
};

/** More than any client has reason to send. */
const maxCredentials = 4;
/** What the secret of a realtime session opens. */
const sessionScopes: readonly Scope[] = ['converse', 'transcribe'];
const unlimited: KeyLimits = { requestsPerMinute: undefined, maxConcurrent: undefined };
export const anybody: Identity = { keyId: undefined, scopes, limits: unlimited };

/** Whether a credential is one that a page may have been given: it vouches for itself, wherever the page is from. */
export function isShortLived(credential: string): boolean {
  return credential.startsWith(clientSecretPrefix) || credential.startsWith(tokenPrefix);
}

/**
 * Whose credentials these are: the first that is good counts, what is bound to a session before everything else.
 *
 * @param required whether somebody without any may not come in
 * @throws ParleyError `access.unauthorized`, `access.expired`; what looking up a key throws
 */
export async function identify(
  credentials: readonly string[],
  required: boolean,
  options: IdentifyOptions,
): Promise<Identity> {
  const given = [...new Set(credentials)].slice(0, maxCredentials);
  const shortLived = given.filter(isShortLived);
  let refusal: ParleyError | undefined;
  for (const credential of shortLived) {
    const found = await openShortLived(credential, required, options);
    if (!ParleyError.isInstance(found)) return found;
    refusal ??= found;
  }
  for (const credential of given) {
    const found = shortLived.includes(credential) ? undefined : await openKey(credential, options);
    if (found) return found;
  }
  if (refusal) throw refusal;
  if (required) throw unauthorized(given.length === 0);
  return anybody;
}

async function openKey(credential: string, { apiKey, keys, now }: IdentifyOptions): Promise<Identity | undefined> {
  if (apiKey !== undefined && sameSecret(credential, apiKey)) return { keyId: serverKeyId, scopes, limits: unlimited };
  // Anything else is no key of ours, and asking for it would only cost.
  const key = looksLikeSecret(credential) ? await keys.bySecret(credential) : undefined;
  return key && isGood(key, now()) ? { keyId: key.id, scopes: key.scopes, limits: key } : undefined;
}

/** What a token or client secret opens, or why it opens nothing. It is worth nothing without the key that it stands for. */
async function openShortLived(
  credential: string,
  required: boolean,
  options: IdentifyOptions,
): Promise<Identity | ParleyError> {
  const isToken = credential.startsWith(tokenPrefix);
  const opened = isToken ? options.tokens.open(credential) : options.clientSecrets.open(credential);
  if ('problem' in opened) return opened.problem === 'expired' ? expired() : unauthorized(false);
  const granted = 'scopes' in opened ? opened.scopes : sessionScopes;
  const bound = 'bound' in opened ? { bound: opened.bound } : {};
  const { keyId } = opened;
  if (keyId === undefined) return required ? unauthorized(false) : { ...anybody, scopes: granted, ...bound };
  if (keyId === serverKeyId) {
    if (options.apiKey === undefined) return unauthorized(false);
    return { keyId, scopes: granted, limits: unlimited, ...bound };
  }
  const key = await options.keys.byId(keyId);
  if (!key || !isGood(key, options.now())) return unauthorized(false);
  const both = granted.filter((scope) => key.scopes.includes(scope));
  return { keyId, scopes: both, limits: key, ...bound };
}

function unauthorized(missing: boolean): ParleyError {
  const what = missing ? 'A key is missing' : 'The key is wrong, has ended or was revoked';
  return new ParleyError(
    `${what}; send one as "Authorization: Bearer KEY". "parley keys create --name NAME" makes one.`,
    { code: 'access.unauthorized', status: 401 },
  );
}

function expired(): ParleyError {
  return new ParleyError('The token or client secret has expired; get another one with the key that it stands for.', {
    code: 'access.expired',
    status: 401,
  });
}
