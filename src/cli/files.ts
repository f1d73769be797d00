import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ParleyError } from '../audio/error.js';

/** How the system refuses a file, in words. */
const refusals: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'a part of its path is a file',
  EISDIR: 'it is a folder',
  EEXIST: 'there is a file of that name',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'its disk can only be read',
  ENOSPC: 'the disk is full',
};

/** Why the system refused, in plain words where there are some. */
export function refusalOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return refusals[code ?? ''] ?? (error instanceof Error ? error.message : String(error));
}

export type ReadFileOptions = {
  readonly largestBytes: number;
  /** Code of the error. */
  readonly code: string;
  /** What the file should be, for the message: "a recording". */
  readonly expected: string;
};

/**
 * All bytes of a file that the user has named, or of a pipe.
 * @throws ParleyError with `code` when it is not there, a folder, unreadable or too large
 */
export async function readNamedFile(path: string, options: ReadFileOptions): Promise<Uint8Array> {
  const { largestBytes, code, expected } = options;
  const tooLarge = (found: string): ParleyError =>
    new ParleyError(`${path} has ${found} bytes; expected ${expected} of at most ${largestBytes}.`, {
      code,
      status: 400,
    });
  try {
    const file = await open(path);
    try {
      const found = await file.stat();
      if (!found.isFile()) return await readPipe(file, largestBytes, () => tooLarge(`more than ${largestBytes}`));
      if (found.size > largestBytes) throw tooLarge(String(found.size));
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (ParleyError.isInstance(cause)) throw cause;
    throw new ParleyError(`${path} cannot be read: ${refusalOf(cause)}; expected ${expected}.`, {
      code,
      status: 400,
      cause,
    });
  }
}

/** A pipe does not say how much will come. */
async function readPipe(file: FileHandle, largestBytes: number, tooLarge: () => ParleyError): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The error with the name of its file in front; what is no error of ours stays as it is. */
export function inFile(path: string, error: unknown): unknown {
  if (!ParleyError.isInstance(error)) return error;
  return new ParleyError(`${path}: ${error.message}`, { code: error.code, status: error.status, cause: error });
}

/**
 * A file is there whole or not at all; pipes and devices, such as /dev/stdout, are written to as they are.
 * @throws ParleyError `cli.unwritable`
 */
export async function writeWhole(path: string, data: string | Uint8Array): Promise<string> {
  const partial = await partialOf(path);
  try {
    await put(partial, data);
    if (partial !== path) await rename(partial, path);
    return path;
  } catch (cause) {
    if (partial !== path) await rm(partial, { force: true }).catch(() => {});
    throw unwritable(path, cause);
  }
}

/** Makes sure, before work is done for it, that a file can be written. @throws ParleyError `cli.unwritable` */
export async function assertWritable(path: string): Promise<void> {
  const partial = await partialOf(path);
  if (partial === path) return;
  try {
    await put(partial, '');
    await rm(partial);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** Makes a folder, so that nothing is done whose results cannot be kept. @throws ParleyError `cli.unwritable` */
export async function prepareFolder(folder: string): Promise<void> {
  const probe = join(folder, '.parley-probe');
  try {
    await mkdir(folder, { recursive: true });
    await put(probe, '');
    await rm(probe);
  } catch (cause) {
    throw new ParleyError(`${folder} cannot be written to: ${refusalOf(cause)}; choose another folder.`, {
      code: 'cli.unwritable',
      status: 400,
      cause,
    });
  }
}

async function put(path: string, data: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(data);
  } finally {
    await file.close();
  }
}

/** Where a file is written before it gets its name; a pipe or a device is its own. */
async function partialOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory())
    throw new ParleyError(`${path} cannot be written: it is a folder; expected the name of a file.`, {
      code: 'cli.unwritable',
      status: 400,
    });
  return found && !found.isFile() ? path : `${path}.part`;
}

function unwritable(path: string, cause: unknown): ParleyError {
  const { code } = cause as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? `there is no folder ${dirname(path)}` : refusalOf(cause);
  return new ParleyError(`${path} cannot be written: ${why}; expected a file in a folder that may be written.`, {
    code: 'cli.unwritable',
    status: 400,
    cause,
  });
}
