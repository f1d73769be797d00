import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelDir } from './cache.js';
import { catalogue, type ModelFile, type ModelSpec } from './catalogue.js';
import { sha256OfFile } from './hash-file.js';
import type { OnModelProgress } from './progress-event.js';

/** `damaged`: there, but not the bytes that the catalogue names. */
export type InstallStatus = 'installed' | 'missing' | 'damaged';

export type FileReport = {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly status: InstallStatus;
  /** What was found instead, when damaged. */
  readonly reason?: string;
};

export type ModelReport = {
  readonly id: string;
  readonly dir: string;
  readonly required: boolean;
  /** `damaged` if any file is, else `missing` if any file is. */
  readonly status: InstallStatus;
  readonly files: readonly FileReport[];
};

export type InspectOptions = {
  readonly cacheDir: string;
  /**
   * `record` trusts a file whose size and modification time are those of its last verification, and hashes only the
   * others; `hash` reads every byte; `size` reads none, and takes a file of the right size for the right one.
   */
  readonly by: 'record' | 'hash' | 'size';
  readonly onProgress?: OnModelProgress | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** What was true of a file when its bytes were last found right. */
type FileRecord = { readonly bytes: number; readonly mtimeMs: number; readonly sha256: string };

const recordName = '.verified.json';

/**
 * Reads every byte of the given models, or of all of the catalogue, and says what is installed, missing or damaged.
 */
export async function verifyModels(options: {
  readonly cacheDir: string;
  readonly models?: readonly string[];
  readonly catalogue?: readonly ModelSpec[];
  readonly onProgress?: OnModelProgress;
  readonly signal?: AbortSignal;
}): Promise<ModelReport[]> {
  const known = options.catalogue ?? catalogue;
  const wanted = options.models;
  const reports: ModelReport[] = [];
  for (const model of known.filter(({ id }) => wanted === undefined || wanted.includes(id))) {
    reports.push(await inspectModel(model, { ...options, by: 'hash' }));
  }
  return reports;
}

/** The state of one model in the cache. A file found right is recorded, so that the next start need not read it. */
export async function inspectModel(model: ModelSpec, options: InspectOptions): Promise<ModelReport> {
  const dir = modelDir(options.cacheDir, model.id);
  const records = await readRecords(dir);
  const fresh: Record<string, FileRecord> = {};
  const files: FileReport[] = [];
  for (const file of model.files) {
    const { report, record } = await inspectFile(model, file, dir, records[file.name], options);
    files.push(report);
    if (record) fresh[file.name] = record;
  }
  const changed = JSON.stringify(fresh) !== JSON.stringify(pick(records, Object.keys(fresh)));
  if (changed) await writeRecords(dir, { ...records, ...fresh });
  return { id: model.id, dir, required: model.required, status: worst(files), files };
}

/** Records a file whose bytes have just been hashed on their way to the disk. */
export async function recordVerified(dir: string, file: ModelFile): Promise<void> {
  const found = await stat(join(dir, file.name));
  const record: FileRecord = { bytes: found.size, mtimeMs: found.mtimeMs, sha256: file.sha256 };
  await writeRecords(dir, { ...(await readRecords(dir)), [file.name]: record });
}

async function inspectFile(
  model: ModelSpec,
  file: ModelFile,
  dir: string,
  record: FileRecord | undefined,
  options: InspectOptions,
): Promise<{ report: FileReport; record?: FileRecord }> {
  const path = join(dir, file.name);
  const base = { name: file.name, path, bytes: file.bytes, sha256: file.sha256 };
  const damaged = (reason: string) => ({ report: { ...base, status: 'damaged', reason } as const });

  const found = await stat(path).catch(() => undefined);
  if (!found) return { report: { ...base, status: 'missing' } };
  if (!found.isFile()) return damaged('is not a file');
  if (found.size !== file.bytes) return damaged(`has ${found.size} bytes instead of ${file.bytes}`);

  if (options.by === 'size') return { report: { ...base, status: 'installed' } };
  const trusted = record?.bytes === found.size && record.mtimeMs === found.mtimeMs && record.sha256 === file.sha256;
  if (trusted && options.by === 'record') return { report: { ...base, status: 'installed' }, record };

  const sha256 = await sha256OfFile(path, {
    signal: options.signal,
    onBytes: (receivedBytes) =>
      options.onProgress?.({
        model: model.id,
        file: file.name,
        source: 'cache',
        receivedBytes,
        totalBytes: file.bytes,
        phase: 'verifying',
      }),
  });
  if (sha256 !== file.sha256) return damaged(`has sha256 ${sha256} instead of ${file.sha256}`);
  return {
    report: { ...base, status: 'installed' },
    record: { bytes: found.size, mtimeMs: found.mtimeMs, sha256 },
  };
}

function worst(files: readonly FileReport[]): InstallStatus {
  if (files.some((file) => file.status === 'damaged')) return 'damaged';
  return files.some((file) => file.status === 'missing') ? 'missing' : 'installed';
}

function pick(records: Readonly<Record<string, FileRecord>>, names: readonly string[]): Record<string, FileRecord> {
  const picked: Record<string, FileRecord> = {};
  for (const name of names) {
    const record = records[name];
    if (record) picked[name] = record;
  }
  return picked;
}

/** An unreadable or foreign record only costs a hash. */
async function readRecords(dir: string): Promise<Readonly<Record<string, FileRecord>>> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(dir, recordName), 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return {};
    const records: Record<string, FileRecord> = {};
    for (const [name, value] of Object.entries(parsed)) if (isFileRecord(value)) records[name] = value;
    return records;
  } catch {
    return {};
  }
}

function isFileRecord(value: unknown): value is FileRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { bytes, mtimeMs, sha256 } = value as Partial<Record<keyof FileRecord, unknown>>;
  return typeof bytes === 'number' && typeof mtimeMs === 'number' && typeof sha256 === 'string';
}

/** A cache that cannot be written, such as a read-only image, works all the same: it is hashed at every start. */
async function writeRecords(dir: string, records: Readonly<Record<string, FileRecord>>): Promise<void> {
  const temporary = join(dir, `${recordName}.${randomUUID()}`);
  try {
    await writeFile(temporary, `${JSON.stringify(records, null, 2)}\n`);
    await rename(temporary, join(dir, recordName));
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
