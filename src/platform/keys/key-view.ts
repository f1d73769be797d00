import type { Key } from './keys.js';

/** A key as the API writes it. */
export type KeyView = {
  readonly object: 'key';
  readonly id: string;
  readonly name: string;
  /** How the key begins. */
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly requests_per_minute: number | null;
  readonly max_concurrent: number | null;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
};

/** A new key, and the only time that it is said. */
export type CreatedKeyView = KeyView & { readonly key: string };

export function keyView(key: Key): KeyView {
  return {
    object: 'key',
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    requests_per_minute: key.requestsPerMinute ?? null,
    max_concurrent: key.maxConcurrent ?? null,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}
