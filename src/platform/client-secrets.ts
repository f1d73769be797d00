import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ParleyError } from '../ports/errors.js';

/** What a client secret begins with, so that clients and logs can tell it from a key. */
export const clientSecretPrefix = 'ek_';

/**
 * The longest secret. It travels in a header, and proxies commonly take 8 KiB for one; it leaves room for instructions
 * of several pages, since what is bound to a secret is compressed.
 */
const maxSecretCharacters = 7_000;
const maxBoundBytes = 1024 * 1024;
const digestBytes = 32;

export type OpenedSecret =
  | { readonly bound: unknown; readonly expiresAtS: number }
  | { readonly problem: 'unknown' | 'expired' };

/**
 * Secrets that a client which must not have the key is given for a short while. A secret says itself what it is good
 * for and until when, and is signed: nothing is remembered, and every node with the same key accepts it.
 */
export type ClientSecrets = {
  /**
   * `bound`: what a session that is opened with it begins with; JSON.
   * @throws ParleyError `client_secret.too_large` when it does not fit into a header
   */
  issue(options: { readonly bound: unknown; readonly expiresAtS: number }): string;
  open(secret: string): OpenedSecret;
};

export function createClientSecrets(options: {
  readonly key: Uint8Array;
  /** @defaultValue `Date.now` */
  readonly now?: () => number;
}): ClientSecrets {
  const { key, now = Date.now } = options;
  const sign = (body: string): Buffer => createHmac('sha256', key).update(`client secret 1:${body}`).digest();
  return {
    issue({ bound, expiresAtS }) {
      const body = deflateRawSync(JSON.stringify([expiresAtS, bound])).toString('base64url');
      const secret = `${clientSecretPrefix}${body}.${sign(body).toString('base64url')}`;
      if (secret.length <= maxSecretCharacters) return secret;
      throw new ParleyError(
        `The session's configuration makes a secret of ${secret.length} characters, and a header takes ${maxSecretCharacters}; bind less to the secret, and send the rest in session.update.`,
        { code: 'client_secret.too_large', status: 400 },
      );
    },
    open(secret) {
      const [body, signature] = secret.slice(clientSecretPrefix.length).split('.');
      if (!secret.startsWith(clientSecretPrefix) || secret.length > maxSecretCharacters) return { problem: 'unknown' };
      if (body === undefined || signature === undefined) return { problem: 'unknown' };
      const given = Buffer.from(signature, 'base64url');
      if (given.length !== digestBytes || !timingSafeEqual(given, sign(body))) return { problem: 'unknown' };
      const text = inflateRawSync(Buffer.from(body, 'base64url'), { maxOutputLength: maxBoundBytes }).toString();
      const [expiresAtS, bound] = JSON.parse(text) as [number, unknown];
      return now() >= expiresAtS * 1_000 ? { problem: 'expired' } : { bound, expiresAtS };
    },
  };
}
