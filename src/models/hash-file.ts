import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** A hash blocks the event loop for about a millisecond per mebibyte: small enough not to be felt. */
const chunkBytes = 1 << 20;

/** Feeds a file to `hash`, up to `endBytes` if given. Rejects with the signal's reason once aborted. */
export async function hashInto(
  hash: Hash,
  path: string,
  options: {
    readonly endBytes?: number;
    readonly signal?: AbortSignal | undefined;
    readonly onBytes?: (bytes: number) => void;
  } = {},
): Promise<void> {
  if (options.endBytes === 0) return;
  let bytes = 0;
  const end = options.endBytes === undefined ? {} : { end: options.endBytes - 1 };
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes, ...end }) as AsyncIterable<Buffer>) {
    options.signal?.throwIfAborted();
    hash.update(chunk);
    bytes += chunk.length;
    options.onBytes?.(bytes);
  }
}

/** The sha256 of a whole file in lower-case hex. */
export async function sha256OfFile(
  path: string,
  options: { readonly signal?: AbortSignal | undefined; readonly onBytes?: (bytes: number) => void } = {},
): Promise<string> {
  const hash = createHash('sha256');
  await hashInto(hash, path, options);
  return hash.digest('hex');
}
