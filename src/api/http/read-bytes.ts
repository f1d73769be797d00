import { ParleyError } from '../../ports/errors.js';

/**
 * Reads a body to its end.
 * @throws ParleyError `upload.too_large` (413)
 */
export async function readBytes(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > maxBytes)
      throw new ParleyError(
        `The body is larger than ${Math.floor(maxBytes / 1024 ** 2)} MiB. Send the recording in a compressed format, or in parts.`,
        { code: 'upload.too_large', status: 413 },
      );
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
