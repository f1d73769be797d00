import { Command } from 'commander';
import { ParleyError } from '../audio/error.js';
import { modelDir, modelsDir, resolveCacheDir } from '../models/cache.js';
import { catalogue, type ModelSpec, modelBytes, sourceLabel, sourceLocation } from '../models/catalogue.js';
import { ensureModelSpecs, type FetchOptions } from '../models/fetch.js';
import { inspectModel, type ModelReport, verifyModels } from '../models/verify.js';
import { alignColumns } from './align-columns.js';
import { createProgressRenderer, formatBytes, type ProgressStream } from './progress.js';

/** What the command touches, all of it replaceable. */
export type ModelsCommandOptions = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly catalogue?: readonly ModelSpec[];
  readonly stdout?: { write(text: string): unknown };
  readonly stderr?: ProgressStream;
  readonly fetch?: Pick<FetchOptions, 'deadlines' | 'run' | 'freeBytes'>;
  /** @defaultValue sets `process.exitCode` */
  readonly setExitCode?: (code: number) => void;
};

type Context = {
  readonly cacheDir: string;
  readonly specs: readonly ModelSpec[];
  readonly print: (text: string) => void;
  readonly printJson: (document: unknown) => void;
  readonly stderr: ProgressStream;
  readonly fetchOptions: Pick<FetchOptions, 'deadlines' | 'run' | 'freeBytes'>;
  readonly setExitCode: (code: number) => void;
};

/** `parley models list | fetch | verify | where`. */
export function modelsCommand(options: ModelsCommandOptions = {}): Command {
  const stdout = options.stdout ?? process.stdout;
  const context: Context = {
    cacheDir: resolveCacheDir(options.env),
    specs: options.catalogue ?? catalogue,
    print: (text) => stdout.write(`${text}\n`),
    printJson: (document) => stdout.write(`${JSON.stringify(document, null, 2)}\n`),
    stderr: options.stderr ?? process.stderr,
    fetchOptions: options.fetch ?? {},
    setExitCode:
      options.setExitCode ??
      ((code) => {
        process.exitCode = code;
      }),
  };

  const command = new Command('models')
    .description('the weights of the local engines: what there is, fetch, verify')
    .addHelpText('after', '\nExamples:\n  parley models list\n  parley models fetch');
  command
    .command('list')
    .description('every model: job, licence, size, whether it is installed, and where it comes from')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  parley models list --json')
    .action((flags: { json?: true }) => guarded(context, (signal) => list(context, flags.json === true, signal)));
  command
    .command('fetch')
    .description('fetch models into the cache: those that the server needs, or the ones named')
    .argument('[name...]', 'ids of models, as `list` prints them')
    .option('--all', 'fetch the optional ones too')
    .addHelpText('after', '\nExamples:\n  parley models fetch\n  parley models fetch hibari silero-vad')
    .action((names: string[], flags: { all?: true }) =>
      guarded(context, (signal) => fetchModels(context, names, flags.all === true, signal)),
    );
  command
    .command('verify')
    .description('read every byte of the installed models; exit code 1 if one is damaged, or missing though needed')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  parley models verify')
    .action((flags: { json?: true }) => guarded(context, (signal) => verify(context, flags.json === true, signal)));
  command
    .command('where')
    .description('the folder of the cache, and what to put there by hand')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  parley models where')
    .action((flags: { json?: true }) => guarded(context, () => where(context, flags.json === true)));
  return command;
}

/** Ctrl-C stops the work cleanly; an error of ours is a message, not a stack trace. */
async function guarded(context: Context, action: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    await action(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) {
      context.stderr.write('Stopped. What has arrived is kept; the next fetch continues from here.\n');
      context.setExitCode(130);
    } else if (ParleyError.isInstance(error)) {
      context.stderr.write(`${error.message}\n`);
      context.setExitCode(1);
    } else throw error;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

async function list(context: Context, json: boolean, signal: AbortSignal): Promise<void> {
  const progress = createProgressRenderer(context.stderr);
  const rows: { spec: ModelSpec; report: ModelReport }[] = [];
  try {
    for (const spec of context.specs) {
      const inspect = { cacheDir: context.cacheDir, by: 'record', onProgress: progress.onProgress, signal } as const;
      rows.push({ spec, report: await inspectModel(spec, inspect) });
    }
  } finally {
    progress.close();
  }
  if (json) {
    context.printJson({
      cacheDir: context.cacheDir,
      models: rows.map(({ spec, report }) => ({
        id: spec.id,
        job: spec.job,
        name: spec.name,
        licence: spec.licence,
        licenceUrl: spec.licenceUrl,
        attribution: spec.attribution,
        required: spec.required,
        bytes: modelBytes(spec),
        status: report.status,
        sources: sourcesOf(spec),
        files: report.files,
      })),
    });
    return;
  }
  const table = rows.map(({ spec, report }) => [
    spec.id,
    spec.job,
    spec.licence,
    formatBytes(modelBytes(spec)),
    statusText(spec, report),
    sourcesOf(spec).join(', '),
  ]);
  context.print(alignColumns([['MODEL', 'JOB', 'LICENCE', 'SIZE', 'INSTALLED', 'SOURCES'], ...table]));
}

async function fetchModels(
  context: Context,
  names: readonly string[],
  all: boolean,
  signal: AbortSignal,
): Promise<void> {
  const unknown = names.filter((name) => !context.specs.some((spec) => spec.id === name));
  if (unknown.length > 0) {
    const known = context.specs.map((spec) => spec.id).join(', ');
    throw new ParleyError(`There is no model ${unknown.join(', ')}. Known models: ${known}.`, {
      code: 'models.unknown',
      status: 404,
    });
  }
  const wanted = context.specs.filter((spec) => (names.length > 0 ? names.includes(spec.id) : all || spec.required));
  const progress = createProgressRenderer(context.stderr);
  try {
    await ensureModelSpecs(wanted, {
      ...context.fetchOptions,
      cacheDir: context.cacheDir,
      onProgress: progress.onProgress,
      signal,
    });
  } finally {
    progress.close();
  }
  for (const spec of wanted) context.print(`${spec.id}: installed in ${modelDir(context.cacheDir, spec.id)}`);
}

async function verify(context: Context, json: boolean, signal: AbortSignal): Promise<void> {
  const progress = createProgressRenderer(context.stderr);
  let reports: ModelReport[];
  try {
    reports = await verifyModels({
      cacheDir: context.cacheDir,
      catalogue: context.specs,
      onProgress: progress.onProgress,
      signal,
    });
  } finally {
    progress.close();
  }
  const ok = reports.every(
    (report) => report.status === 'installed' || (report.status === 'missing' && !report.required),
  );
  if (json) context.printJson({ cacheDir: context.cacheDir, ok, models: reports });
  else {
    for (const report of reports) {
      context.print(
        `${report.id}: ${report.status === 'missing' && !report.required ? 'not installed' : report.status}`,
      );
      if (report.status === 'missing' && !report.required) continue;
      for (const file of report.files) {
        if (file.status !== 'installed') context.print(`  ${file.path}: ${file.reason ?? file.status}`);
      }
    }
    if (!ok) context.print('Run `parley models fetch` to replace what is missing or damaged.');
  }
  if (!ok) context.setExitCode(1);
}

async function where(context: Context, json: boolean): Promise<void> {
  const { cacheDir, specs } = context;
  if (json) {
    context.printJson({
      cacheDir,
      modelsDir: modelsDir(cacheDir),
      models: specs.map((spec) => ({
        id: spec.id,
        dir: modelDir(cacheDir, spec.id),
        required: spec.required,
        files: spec.files.map(({ name, bytes, sha256, sources }) => ({
          name,
          bytes,
          sha256,
          sources: sources.map(sourceLocation),
        })),
      })),
    });
    return;
  }
  const lines = [
    modelsDir(cacheDir),
    'To install by hand, put these files there and run `parley models verify`:',
    ...specs.flatMap((spec) => [
      `\n${spec.id}/${spec.required ? '' : '  (optional)'}`,
      ...spec.files.flatMap((file) => [
        `  ${file.name}  ${file.bytes} bytes  sha256 ${file.sha256}`,
        ...file.sources.map((source) => `    ${sourceLocation(source)}`),
      ]),
    ]),
  ];
  context.print(lines.join('\n'));
}

function statusText(spec: ModelSpec, report: ModelReport): string {
  if (report.status === 'installed') return 'yes';
  if (report.status === 'damaged') return 'damaged';
  return spec.required ? 'no' : 'not installed (optional)';
}

function sourcesOf(spec: ModelSpec): string[] {
  return [...new Set(spec.files.flatMap((file) => file.sources.map(sourceLabel)))];
}
