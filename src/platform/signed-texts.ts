import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

const maxContentBytes = 1024 * 1024;
const digestBytes = 32;

/**
 * Texts that say something and prove that this server wrote them: nothing is remembered, and every node with the same key
 * accepts them. They consist of what a header and a subprotocol's name may have.
 */
export type SignedTexts = {
  /** @param content JSON */
  write(content: unknown): string;
  /** @returns undefined when the text is somebody else's, or was changed */
  read(text: string): { readonly content: unknown } | undefined;
};

/** @param options.purpose keeps texts of one kind from being taken for another */
export function createSignedTexts(options: {
  readonly key: Uint8Array;
  readonly purpose: string;
  readonly prefix: string;
  readonly maxCharacters: number;
}): SignedTexts {
  const { key, purpose, prefix, maxCharacters } = options;
  const sign = (body: string): Buffer => createHmac('sha256', key).update(`${purpose}:${body}`).digest();
  return {
    write(content) {
      const body = deflateRawSync(JSON.stringify(content)).toString('base64url');
      return `${prefix}${body}.${sign(body).toString('base64url')}`;
    },
    read(text) {
      const [body, signature] = text.slice(prefix.length).split('.');
      if (!text.startsWith(prefix) || text.length > maxCharacters) return undefined;
      if (body === undefined || signature === undefined) return undefined;
      const given = Buffer.from(signature, 'base64url');
      if (given.length !== digestBytes || !timingSafeEqual(given, sign(body))) return undefined;
      const inflated = inflateRawSync(Buffer.from(body, 'base64url'), { maxOutputLength: maxContentBytes });
      return { content: JSON.parse(inflated.toString()) };
    },
  };
}
