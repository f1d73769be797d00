import { broken, type CheckContext, type CheckResult } from './check-result.js';
import type { Expected } from './report.js';

export type Examination = {
  readonly results: readonly CheckResult[];
  /** Undefined when no server runs that says it and nothing was measured. */
  readonly expected: Expected | undefined;
};

export type ExamineOptions = CheckContext & {
  /** Whether the engines may be started to be measured, which takes a good ten seconds and 2 GB of memory. */
  readonly measure: boolean;
  readonly onStep: (what: string) => void;
  readonly signal: AbortSignal;
};

/**
 * All checks, in the order in which one rests on another. Each group is loaded by itself, so that what is missing of the
 * packages costs only the checks that need it. Never rejects, except with the signal's reason.
 */
export async function examine(options: ExamineOptions): Promise<Examination> {
  const { env, root, onStep, signal } = options;
  const results: CheckResult[] = [];
  const group = async <T extends { readonly results: readonly CheckResult[] }>(
    name: string,
    check: () => Promise<T>,
  ): Promise<T | undefined> => {
    signal.throwIfAborted();
    onStep(`looking at the ${name}`);
    try {
      const found = await check();
      results.push(...found.results);
      return found;
    } catch (error) {
      results.push(broken(name, `could not be looked at: ${firstLine(error)}`));
      return undefined;
    }
  };

  await group('machine', async () => {
    const { judgeMachine, readMachine } = await import('./machine.js');
    return { results: judgeMachine(await readMachine()) };
  });
  await group('packages', async () => {
    const { checkPackages } = await import('./packages.js');
    return { results: await checkPackages(root) };
  });
  await group('settings', async () => {
    const { checkParleyFile, checkSettings } = await import('./settings.js');
    return { results: [...checkSettings(options), ...(await checkParleyFile(options))] };
  });
  const models = await group('models', async () => {
    const [{ checkModelFiles }, { resolveCacheDir }] = await Promise.all([
      import('./model-files.js'),
      import('../../models/cache.js'),
    ]);
    return checkModelFiles({ cacheDir: resolveCacheDir(env) });
  });
  await group('folders', () => checkFolders(env, models?.missingBytes ?? 0));
  await group('certificate', async () => {
    const { checkCertificate } = await import('./certificate.js');
    return { results: await checkCertificate(options) };
  });
  const server = await group('server', async () => {
    const { checkServer } = await import('./server.js');
    return checkServer(options);
  });

  const running = server?.probe;
  if (running?.state === 'ready') {
    const { expect } = running.answer;
    return { results, expected: expect && { from: 'server', ...expect } };
  }
  const able = options.measure && models?.complete === true && results.every(({ state }) => state !== 'broken');
  // Beside a server that is loading the figures would be wrong.
  if (!able || running?.state === 'loading') return { results, expected: undefined };
  try {
    return { results, expected: await measure(options) };
  } catch (error) {
    signal.throwIfAborted();
    return {
      results: [...results, broken('engines', `could not be measured: ${firstLine(error)}`)],
      expected: undefined,
    };
  }
}

async function checkFolders(env: CheckContext['env'], missingBytes: number) {
  const [{ checkFolder }, { resolveCacheDir }, { dataDirOf }] = await Promise.all([
    import('./folders.js'),
    import('../../models/cache.js'),
    import('../../settings/settings.js'),
  ]);
  const results = await Promise.all([
    checkFolder({
      name: 'cache',
      path: resolveCacheDir(env),
      // Archives are unpacked beside what comes out of them.
      neededBytes: missingBytes * 2,
      variable: 'PARLEY_CACHE_DIR',
    }),
    checkFolder({ name: 'calls', path: dataDirOf(env), neededBytes: hourOfCallBytes, variable: 'PARLEY_DATA_DIR' }),
  ]);
  return { results };
}

/** A recording: 24 kHz, two channels, 16 bits. */
const hourOfCallBytes = 24_000 * 2 * 2 * 3_600;

async function measure({ env, onStep, signal }: ExamineOptions): Promise<Expected> {
  const [{ measureThisMachine }, { readSettings }] = await Promise.all([
    import('../../main.js'),
    import('../../settings/settings.js'),
  ]);
  const { expect } = await measureThisMachine({
    settings: readSettings(env),
    onStep: (name) => onStep(`starting the engines to measure them: ${name}`),
    signal,
  });
  return { from: 'measured', ...expect };
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0] ?? message;
}
