import { z } from 'zod';
import { type Scope, scopes } from '../access/access.js';
import { createSignedTexts } from '../signed-texts.js';

/** What a token begins with, so that clients and logs can tell it from a key. */
export const tokenPrefix = 'tk_';

const maxTokenCharacters = 1_000;

/** What a token may do: whatever its holder could hear and say, but not what belongs to whoever runs the server. */
export const tokenScopes = scopes.filter((scope) => scope !== 'manage');

/** Lifetimes, in seconds. */
export const tokenLifetime = { min: 10, max: 86_400, standard: 600 } as const;

const contentSchema = z.tuple([z.number(), z.array(z.enum(scopes)), z.string().nullable()]);

export type Token = {
  readonly scopes: readonly Scope[];
  readonly expiresAtS: number;
  /** Whose token it is: its limits count, and with the key the token ends. Undefined: of somebody without a key. */
  readonly keyId: string | undefined;
};

/**
 * Short-lived stand-ins for a key, for browsers. A token says itself what it is good for and until when, and is signed:
 * nothing is remembered, and every node with the same key accepts it.
 */
export type Tokens = {
  issue(token: Token): string;
  open(token: string): Token | { readonly problem: 'unknown' | 'expired' };
};

export function createTokens(options: {
  readonly key: Uint8Array;
  /** @defaultValue `Date.now` */
  readonly now?: () => number;
}): Tokens {
  const { key, now = Date.now } = options;
  const texts = createSignedTexts({
    key,
    purpose: 'access token 1',
    prefix: tokenPrefix,
    maxCharacters: maxTokenCharacters,
  });
  return {
    issue: ({ scopes: granted, expiresAtS, keyId }) => texts.write([expiresAtS, granted, keyId ?? null]),
    open(token) {
      const content = contentSchema.safeParse(texts.read(token)?.content);
      if (!content.success) return { problem: 'unknown' };
      const [expiresAtS, granted, keyId] = content.data;
      if (now() >= expiresAtS * 1_000) return { problem: 'expired' };
      return { scopes: granted, expiresAtS, keyId: keyId ?? undefined };
    },
  };
}
