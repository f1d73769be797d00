import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ParleyError } from '../../ports/errors.js';

const unzip = promisify(gunzip);

/** Bytes of one file of the voice. Throws `models.missing` where it cannot be read. */
export async function readModelFile(modelDir: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(modelDir, name));
  } catch (cause) {
    throw new ParleyError(
      `The speech voice needs the file ${name}, which could not be read in ${modelDir}. Run "parley models fetch", or set PARLEY_CACHE_DIR to a folder that has it.`,
      { code: 'models.missing', cause },
    );
  }
}

/** Parsed JSON of one file, unzipped where the name ends in .gz. Throws `models.corrupt` where it is not JSON. */
export async function readModelJson(modelDir: string, name: string): Promise<unknown> {
  const bytes = await readModelFile(modelDir, name);
  try {
    const plain = name.endsWith('.gz') ? await unzip(bytes, { maxOutputLength: 64 << 20 }) : Buffer.from(bytes);
    return JSON.parse(plain.toString('utf8'));
  } catch (cause) {
    throw new ParleyError(
      `The file ${name} in ${modelDir} is not the JSON table that the speech voice expects. Delete it and fetch the model again.`,
      { code: 'models.corrupt', cause },
    );
  }
}

/**
 * A JSON object whose values are read as `T`; the caller vouches for the values, this for the shape. It loses its prototype:
 * "constructor" is a word like any other.
 */
export function asTable<T>(value: unknown, name: string): Readonly<Record<string, T>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ParleyError(`The file ${name} should hold a JSON object. Delete it and fetch the model again.`, {
      code: 'models.corrupt',
    });
  }
  return Object.setPrototypeOf(value, null) as Readonly<Record<string, T>>;
}
