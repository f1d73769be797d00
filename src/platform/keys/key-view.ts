import { z } from 'zod';
import type { Key } from './keys.js';

export const keyViewSchema = z
  .object({
    object: z.literal('key'),
    id: z.string(),
    name: z.string(),
    prefix: z.string().describe('how the key begins'),
    scopes: z.array(z.string()),
    requests_per_minute: z.number().nullable(),
    max_concurrent: z.number().nullable(),
    created_at: z.string(),
    expires_at: z.string().nullable(),
    revoked_at: z.string().nullable(),
  })
  .describe('A key.');

/** A key as the API writes it. */
export type KeyView = Readonly<z.infer<typeof keyViewSchema>>;

export const createdKeySchema = keyViewSchema.extend({ key: z.string().describe('the key, which is said only now') });

/** A new key, and the only time that it is said. */
export type CreatedKeyView = Readonly<z.infer<typeof createdKeySchema>>;

export function keyView(key: Key): KeyView {
  return {
    object: 'key',
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    requests_per_minute: key.requestsPerMinute ?? null,
    max_concurrent: key.maxConcurrent ?? null,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}
