import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a key begins with, so that people, logs and scanners for leaked secrets know it. */
const keyPrefix = 'sk_parley_';
const secretBytes = 32;
/** Of the secret's own characters, those that lists show. */
const shownCharacters = 6;
const pattern = new RegExp(`^${keyPrefix}[\\w-]{43}$`);

/** A new key: 256 random bits. It consists of what a header and a subprotocol's name may have. */
export function makeSecret(): string {
  return `${keyPrefix}${randomBytes(secretBytes).toString('base64url')}`;
}

export function looksLikeSecret(credential: string): boolean {
  return pattern.test(credential);
}

/** How a key begins, by which its owner knows it again. */
export function shownPart(secret: string): string {
  return secret.slice(0, keyPrefix.length + shownCharacters);
}

/**
 * What is stored instead of a key: SHA-256, in hex. One pass is enough, other than for passwords: there are 2^256 keys, so
 * neither guessing nor a table finds the one behind a hash, and slow hashing would only slow down every request.
 */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether two secrets are the same, in the same time wherever they differ. */
export function sameSecret(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
