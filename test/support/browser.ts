import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const systemBrowsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const launchDeadlineMs = 30_000;

/** A browser that can be launched, with what its process needs to find. */
export type BrowserBinary = {
  readonly executablePath: string;
  /** Libraries to fall back on where the system lacks them (NSS, NSPR, expat). */
  readonly libraryFolder?: string;
  /** A fontconfig folder to fall back on where the system has none. */
  readonly fontFolder?: string;
};

export type FoundBrowser = { readonly binary: BrowserBinary } | { readonly missing: string };

export type LaunchOptions = {
  /** WAV that the fake microphone plays once, then silence. @defaultValue the microphone beeps */
  readonly microphoneFile?: string;
  /** `false` answers the browser's question with a no. @defaultValue true */
  readonly allowMicrophone?: boolean;
};

/**
 * Looks for a Chromium: `PARLEY_CHROMIUM`, the one in the npm package, then the system's.
 * @throws when `CI=true` and there is none, since a skipped test there would look like a passed one
 */
export async function findBrowser(): Promise<FoundBrowser> {
  const reasons: string[] = [];
  const named = process.env.PARLEY_CHROMIUM;
  if (named) {
    if (existsSync(named)) return { binary: { executablePath: named } };
    reasons.push(`PARLEY_CHROMIUM names ${named}, which does not exist`);
  }
  try {
    return { binary: await packagedBrowser() };
  } catch (error) {
    reasons.push(`the packaged Chromium cannot be used (${error instanceof Error ? error.message : String(error)})`);
  }
  const installed = systemBrowsers.find((path) => existsSync(path));
  if (installed !== undefined) return { binary: { executablePath: installed } };
  reasons.push(`none of ${systemBrowsers.join(', ')} exists`);
  const missing = `No Chromium found: ${reasons.join('; ')}. Install one, or set PARLEY_CHROMIUM to its path.`;
  if (process.env.CI === 'true') throw new Error(missing);
  return { missing };
}

export async function launchBrowser(binary: BrowserBinary, options: LaunchOptions = {}): Promise<Browser> {
  try {
    return await launch(binary, options, {});
  } catch (error) {
    const lacksLibraries = error instanceof Error && error.message.includes('error while loading shared libraries');
    if (!lacksLibraries || binary.libraryFolder === undefined) throw error;
    const paths = [binary.libraryFolder, process.env.LD_LIBRARY_PATH].filter(Boolean);
    return await launch(binary, options, { LD_LIBRARY_PATH: paths.join(delimiter) });
  }
}

function launch(binary: BrowserBinary, options: LaunchOptions, env: Record<string, string>): Promise<Browser> {
  const needsFonts = binary.fontFolder !== undefined && !existsSync('/etc/fonts/fonts.conf');
  const fonts = needsFonts ? { FONTCONFIG_PATH: binary.fontFolder as string } : {};
  return chromium.launch({
    executablePath: binary.executablePath,
    headless: true,
    timeout: launchDeadlineMs,
    env: { ...inheritedEnv(), ...fonts, ...env },
    args: [
      '--use-fake-device-for-media-stream',
      `--use-fake-ui-for-media-stream${options.allowMicrophone === false ? '=deny' : ''}`,
      // The file must not be looped: a second hearing of the same order would be a second turn.
      ...(options.microphoneFile ? [`--use-file-for-fake-audio-capture=${options.microphoneFile}%noloop`] : []),
      '--autoplay-policy=no-user-gesture-required',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
    ],
  });
}

function inheritedEnv(): Record<string, string> {
  const entries = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

/**
 * Unpacks the Chromium of the npm package once, beside the package.
 * The package itself would leave it in the shared temporary folder and take a half-written file there for a whole one.
 */
async function packagedBrowser(): Promise<BrowserBinary> {
  const manifestPath = join(repositoryRoot, 'node_modules/@sparticuz/chromium/package.json');
  const { version } = JSON.parse(await readFile(manifestPath, 'utf8')) as { version: string };
  const cacheFolder = join(repositoryRoot, 'node_modules/.cache');
  const folder = join(cacheFolder, `chromium-${version}-${process.arch}`);
  if (!existsSync(folder)) {
    await mkdir(cacheFolder, { recursive: true });
    const scratch = await mkdtemp(join(cacheFolder, 'chromium-unpacking-'));
    try {
      await unpackInto(scratch);
      await writeFile(join(scratch, 'fonts/fonts.conf'), fontconfigFor(join(folder, 'fonts')));
      await rename(scratch, folder);
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    }
  }
  return {
    executablePath: join(folder, 'chromium'),
    libraryFolder: join(folder, 'al2023/lib'),
    fontFolder: join(folder, 'fonts'),
  };
}

/** The package chooses its folder by TMPDIR and unpacks its libraries only where it believes to be on such a machine. */
async function unpackInto(folder: string): Promise<void> {
  const names = ['TMPDIR', 'AWS_LAMBDA_JS_RUNTIME', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH', 'HOME'] as const;
  const before = names.map((name) => [name, process.env[name]] as const);
  process.env.TMPDIR = folder;
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs20.x';
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    await packaged.executablePath();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** The package's own file names the folders of the cloud function it was made for. */
function fontconfigFor(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${folder}</dir><cachedir>${join(folder, 'cache')}</cachedir></fontconfig>
`;
}
