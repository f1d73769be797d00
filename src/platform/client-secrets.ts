import { ParleyError } from '../ports/errors.js';
import { createSignedTexts } from './signed-texts.js';

/** What a client secret begins with, so that clients and logs can tell it from a key. */
export const clientSecretPrefix = 'ek_';

/**
 * The longest secret. It travels in a header, and proxies commonly take 8 KiB for one; it leaves room for instructions
 * of several pages, since what is bound to a secret is compressed.
 */
const maxSecretCharacters = 7_000;

export type OpenedSecret =
  | {
      readonly bound: unknown;
      readonly expiresAtS: number;
      /** Whose secret it is; undefined when it was given to somebody without a key. */
      readonly keyId: string | undefined;
    }
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
  issue(options: { readonly bound: unknown; readonly expiresAtS: number; readonly keyId?: string }): string;
  open(secret: string): OpenedSecret;
};

export function createClientSecrets(options: {
  readonly key: Uint8Array;
  /** @defaultValue `Date.now` */
  readonly now?: () => number;
}): ClientSecrets {
  const { key, now = Date.now } = options;
  const texts = createSignedTexts({
    key,
    purpose: 'client secret 1',
    prefix: clientSecretPrefix,
    maxCharacters: maxSecretCharacters,
  });
  return {
    issue({ bound, expiresAtS, keyId }) {
      const secret = texts.write(keyId === undefined ? [expiresAtS, bound] : [expiresAtS, bound, keyId]);
      if (secret.length <= maxSecretCharacters) return secret;
      throw new ParleyError(
        `The session's configuration makes a secret of ${secret.length} characters, and a header takes ${maxSecretCharacters}; bind less to the secret, and send the rest in session.update.`,
        { code: 'client_secret.too_large', status: 400 },
      );
    },
    open(secret) {
      const read = texts.read(secret);
      if (!read) return { problem: 'unknown' };
      const [expiresAtS, bound, keyId] = read.content as [number, unknown, string?];
      return now() >= expiresAtS * 1_000 ? { problem: 'expired' } : { bound, expiresAtS, keyId };
    },
  };
}
