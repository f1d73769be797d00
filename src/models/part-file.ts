import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, rm, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hashInto } from './hash-file.js';
import { SourceFailure } from './source-failure.js';

/** Archives are read in pieces of 16 kB; written one by one they would take longer than the rest together. */
const writeBytes = 1 << 20;

/**
 * A download in progress: a file beside the final one, and the hash of what it holds so far. Every source of a file
 * carries the same bytes, so one source may continue where another stopped; the hash of the whole decides.
 */
export class PartFile {
  readonly path: string;
  #handle: FileHandle;
  #hash: Hash;
  #bytes: number;
  #resumed: boolean;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  readonly #limitBytes: number;

  private constructor(path: string, handle: FileHandle, hash: Hash, bytes: number, limitBytes: number) {
    this.path = path;
    this.#handle = handle;
    this.#hash = hash;
    this.#bytes = bytes;
    this.#resumed = bytes > 0;
    this.#limitBytes = limitBytes;
  }

  /**
   * @param keep how many of the bytes already there to continue from; asked only when they are not too many
   * @param limitBytes size of the complete file
   */
  static async open(
    path: string,
    options: {
      readonly limitBytes: number;
      readonly keep: (existingBytes: number) => number;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<PartFile> {
    await mkdir(dirname(path), { recursive: true });
    const existingBytes = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    const bytes = existingBytes > options.limitBytes ? 0 : options.keep(existingBytes);
    const hash = createHash('sha256');
    if (bytes > 0) {
      await truncate(path, bytes);
      await hashInto(hash, path, { endBytes: bytes, signal: options.signal });
    } else {
      await rm(path, { force: true });
    }
    return new PartFile(path, await open(path, 'a'), hash, bytes, options.limitBytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether it holds bytes of an earlier attempt: then a wrong hash may be their fault, not the source's. */
  get resumed(): boolean {
    return this.#resumed;
  }

  get complete(): boolean {
    return this.#bytes === this.#limitBytes;
  }

  /** @throws {SourceFailure} when the source sends more than the file holds */
  async append(chunk: Uint8Array): Promise<void> {
    if (this.#bytes + chunk.length > this.#limitBytes) {
      throw new SourceFailure(`sent more than the expected ${this.#limitBytes} bytes`, { badBytes: true });
    }
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes >= writeBytes) await this.#flush();
  }

  /** Forgets what is there, for a source that can only begin at the beginning. */
  async restart(): Promise<void> {
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#handle.truncate(0);
    this.#hash = createHash('sha256');
    this.#bytes = 0;
    this.#resumed = false;
  }

  /** The sha256 of all bytes in lower-case hex, once they are on the disk. Call at most once. */
  async finish(): Promise<string> {
    // A power cut after the rename must not leave a file that is named and recorded as good but holds zeros.
    await this.#flush();
    await this.#handle.datasync();
    return this.#hash.digest('hex');
  }

  /** Keeps what has arrived, if anything, for another attempt. */
  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#handle.close();
    }
    if (this.#bytes === 0) await rm(this.path, { force: true });
  }

  async #flush(): Promise<void> {
    const chunks = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    if (chunks.length > 0) await this.#handle.appendFile(Buffer.concat(chunks));
  }
}
