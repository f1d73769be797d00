import { createReadStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Parser } from 'tar';
import yauzl from 'yauzl';
import { explainReads, SourceFailure } from './source-failure.js';

/**
 * The bytes of one member of a zip (a wheel), as a stream. Its declared size is compared before anything is read, so an
 * archive made to explode cannot.
 *
 * @throws {SourceFailure} not a zip, no such member, or a member of another size
 */
export async function* readZipMember(
  archivePath: string,
  member: string,
  expectedBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const explain = (error: unknown) => asSourceFailure(error, archivePath);
  const zip = await yauzl.openPromise(archivePath, { lazyEntries: true, autoClose: false }).catch((error: unknown) => {
    throw explain(error);
  });
  try {
    for await (const entry of explainReads(zip.eachEntry(), explain)) {
      if (entry.fileName !== member) continue;
      if (entry.uncompressedSize !== expectedBytes) {
        throw new SourceFailure(`its ${member} has ${entry.uncompressedSize} bytes instead of ${expectedBytes}`);
      }
      const stream = await zip.openReadStreamPromise(entry).catch((error: unknown) => {
        throw explain(error);
      });
      yield* explainReads<Buffer>(stream, explain);
      return;
    }
    throw new SourceFailure(`has no member ${member}`);
  } finally {
    zip.close();
  }
}

/**
 * The bytes of one member of an npm tarball, as a stream. The tarball's single leading folder, whatever its name, is
 * not part of `member`.
 *
 * @throws {SourceFailure} not a gzipped tar, no such member, or a member of another size
 */
export async function* readTarballMember(
  archivePath: string,
  member: string,
  expectedBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const explain = (error: unknown) => asSourceFailure(error, archivePath);
  const file = createReadStream(archivePath);
  const body = new PassThrough();
  let found = false;

  const parser = new Parser({
    strict: true,
    filter: (path) => path.slice(path.indexOf('/') + 1) === member,
    onReadEntry: (entry) => {
      if (found) {
        entry.resume();
        return;
      }
      found = true;
      if (entry.size !== expectedBytes) {
        body.destroy(new SourceFailure(`its ${member} has ${entry.size} bytes instead of ${expectedBytes}`));
        entry.resume();
        return;
      }
      entry.pipe(body);
    },
  });
  parser.on('error', (error: unknown) => body.destroy(error instanceof Error ? error : new Error(String(error))));
  parser.on('end', () => {
    if (!found) body.destroy(new SourceFailure(`has no member ${member}`));
  });
  file.on('error', (error) => body.destroy(error));
  file.pipe(parser);

  try {
    yield* explainReads<Buffer>(body, explain);
  } finally {
    body.destroy();
    file.destroy();
    await finished(file).catch(() => undefined);
  }
}

function asSourceFailure(error: unknown, archivePath: string): SourceFailure {
  if (error instanceof SourceFailure) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new SourceFailure(`${archivePath} could not be read as an archive: ${reason}`, { cause: error });
}
