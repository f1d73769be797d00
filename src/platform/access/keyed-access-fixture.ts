import { type ClientSecrets, createClientSecrets } from '../client-secrets.js';
import { createTokens } from '../keys/tokens.js';
import type { Access } from './access.js';
import { createAccess } from './create-access.js';

/** A door with one key, or none, and without a database. */
export function keyedAccess(apiKey?: string, secrets?: ClientSecrets): Access {
  const key = new Uint8Array(32);
  return createAccess({
    apiKey,
    exposed: false,
    clientSecrets: secrets ?? createClientSecrets({ key }),
    tokens: createTokens({ key }),
    store: undefined,
  });
}
