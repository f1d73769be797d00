import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { broken, type CheckResult, note, ok } from './check-result.js';

const run = promisify(execFile);
/** The first load of a library that has just been installed reads it from the disk. */
const loadTimeoutMs = 60_000;

type Manifest = {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
};

/** Native code and codecs, by loading them in a process of their own: what crashes there crashes only there. */
const loads: readonly { readonly name: string; readonly packages: readonly string[]; readonly program: string }[] = [
  {
    name: 'ONNX Runtime',
    packages: ['onnxruntime-node'],
    program: `const ort = await import('onnxruntime-node');
      new ort.default.Tensor('float32', new Float32Array(1), [1]);`,
  },
  {
    name: 'llama.cpp',
    packages: ['node-llama-cpp'],
    // As the host of the language model loads it.
    program: `const { getLlama, LlamaLogLevel } = await import('node-llama-cpp');
      const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: LlamaLogLevel.disabled });
      await llama.dispose();`,
  },
  {
    name: 'audio codecs',
    packages: [
      '@echogarden/speex-resampler-wasm',
      '@wasm-audio-decoders/flac',
      '@wasm-audio-decoders/ogg-vorbis',
      'audio-file-decoder',
      'mediabunny',
      'mpg123-decoder',
      'ogg-opus-decoder',
      'opus-decoder',
    ],
    program: `for (const name of PACKAGES) await import(name);`,
  },
];

/** Whether what package.json names is installed, and what is native of it loads. */
export async function checkPackages(root: string): Promise<CheckResult[]> {
  const { dependencies = {} } = await readManifest(join(root, 'package.json'));
  const names = Object.keys(dependencies);
  const installed = await Promise.all(names.map((name) => installedVersion(root, name)));
  const missing = names.filter((_, i) => installed[i] === undefined);
  const other = names.filter((name, i) => installed[i] !== undefined && installed[i] !== dependencies[name]);
  const loaded = await Promise.all(
    loads.map((load) => {
      const absent = load.packages.filter((name) => missing.includes(name));
      return absent.length > 0
        ? broken(load.name, `not installed: ${absent.join(', ')}`, 'npm ci')
        : tryLoading(root, load);
    }),
  );
  return [judgeInstalled(names.length, missing, other), ...loaded];
}

function judgeInstalled(count: number, missing: readonly string[], other: readonly string[]): CheckResult {
  if (missing.length > 0)
    return broken('packages', `${missing.length} of ${count} are missing: ${missing.join(', ')}`, 'npm ci');
  if (other.length > 0) return note('packages', `not in the version that was tested: ${other.join(', ')}`, 'npm ci');
  return ok('packages', `${count} installed`);
}

async function tryLoading(root: string, { name, packages, program }: (typeof loads)[number]): Promise<CheckResult> {
  // A script and no module: what a library forks inherits our flags, and cannot be started with `--input-type`.
  const source = `(async () => { const PACKAGES = ${JSON.stringify(packages)};\n${program}\nprocess.exit(0); })()`;
  try {
    await run(process.execPath, ['--eval', source], { cwd: root, timeout: loadTimeoutMs });
    return ok(name, 'loads');
  } catch (error) {
    return broken(name, `does not load: ${reasonOf(error)}`, 'npm ci (not with --omit=optional or --ignore-scripts)');
  }
}

/** The line that says what went wrong, of all that a program prints when it fails. */
function reasonOf(error: unknown): string {
  const { stderr = '', signal, killed } = error as { stderr?: string; signal?: string | null; killed?: boolean };
  if (killed) return `it took longer than ${loadTimeoutMs / 1000} s`;
  if (signal) return `it crashed (${signal})`;
  const lines = stderr.split('\n').map((line) => line.trim());
  const telling = lines.find((line) => /error\b.*:/i.test(line)) ?? lines.find((line) => line !== '');
  return (telling ?? String(error)).slice(0, 200);
}

/** Undefined when the package is not installed. Looks where Node would. */
async function installedVersion(root: string, name: string): Promise<string | undefined> {
  const folders = createRequire(join(root, 'package.json')).resolve.paths(name) ?? [];
  for (const folder of folders) {
    const { version } = await readManifest(join(folder, name, 'package.json')).catch((): Manifest => ({}));
    if (version !== undefined) return version;
  }
  return undefined;
}

async function readManifest(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(path, 'utf8')) as Manifest;
}
