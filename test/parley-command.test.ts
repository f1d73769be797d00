import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandResult, runParley } from './support/run-parley.js';

const command = fileURLToPath(new URL('../bin/parley.js', import.meta.url));
const longAgo = new Date(Date.now() - 3_600_000);

/** Stands in for the compiler: notes that it ran, talks on stdout, and copies the source as if it were JavaScript. */
const compiler = `
const { appendFileSync, copyFileSync, existsSync, mkdirSync } = require('node:fs');
appendFileSync('builds.txt', 'build\\n');
console.log('compiler output');
if (existsSync('broken')) process.exit(2);
setTimeout(() => {
  mkdirSync('dist/cli', { recursive: true });
  copyFileSync('src/cli/main.ts', 'dist/cli/main.js');
}, 300);
`;

/** Stands in for the bundler of the studio. */
const bundler = `
const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs');
appendFileSync('builds.txt', 'studio\\n');
if (process.argv[2] !== 'build') process.exit(2);
mkdirSync('dist/studio/assets', { recursive: true });
writeFileSync('dist/studio/assets/index.js', '');
writeFileSync('dist/studio/index.html', 'studio');
`;

/** A clone in small, with the real command. */
function makeClone(): string {
  const root = mkdtempSync(join(tmpdir(), 'parley-command-'));
  for (const folder of ['bin', 'src/cli', 'node_modules/typescript/bin'])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(command, join(root, 'bin/parley.js'));
  chmodSync(join(root, 'bin/parley.js'), 0o755);
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'node_modules/typescript/bin/package.json'), '{"type":"commonjs"}');
  writeFileSync(join(root, 'node_modules/typescript/bin/tsc'), compiler);
  writeFileSync(join(root, 'src/cli/main.ts'), 'console.log("ran " + process.argv.slice(2).join(" "));');
  return root;
}

function addStudio(root: string): void {
  for (const folder of ['studio/src', 'src/client', 'node_modules/vite/bin'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'node_modules/vite/bin/package.json'), '{"type":"commonjs"}');
  writeFileSync(join(root, 'node_modules/vite/bin/vite.js'), bundler);
  writeFileSync(join(root, 'studio/src/main.tsx'), '');
  writeFileSync(join(root, 'src/client/client.ts'), '');
}

function run(root: string, args: readonly string[] = []): Promise<CommandResult> {
  return runParley(args, {}, root);
}

describe('the parley command', () => {
  let root: string;
  const builds = (): number => readFileSync(join(root, 'builds.txt'), 'utf8').trim().split('\n').length;

  beforeEach(() => {
    root = makeClone();
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('builds a fresh clone once, says so on stderr, and keeps stdout for the command', async () => {
    const first = await run(root, ['models', '--json']);
    expect(first).toMatchObject({ code: 0, stdout: 'ran models --json\n' });
    expect(first.stderr).toBe('parley: building…\ncompiler output\n');
    const second = await run(root);
    expect(second).toEqual({ code: 0, stdout: 'ran \n', stderr: '' });
    expect(builds()).toBe(1);
  });

  it('builds again when a source is newer, and not when a test is', async () => {
    await run(root);
    const later = new Date(Date.now() + 60_000);
    writeFileSync(join(root, 'src/cli/main.test.ts'), '');
    utimesSync(join(root, 'src/cli/main.test.ts'), later, later);
    await run(root);
    expect(builds()).toBe(1);
    writeFileSync(join(root, 'src/cli/main.ts'), 'console.log("edited");');
    utimesSync(join(root, 'src/cli/main.ts'), later, later);
    expect((await run(root)).stdout).toBe('edited\n');
    expect(builds()).toBe(2);
  });

  it('builds the studio with the rest, and again when it or what it imports is newer', async () => {
    addStudio(root);
    const built = (): string => readFileSync(join(root, 'builds.txt'), 'utf8').replaceAll('\n', ' ').trim();
    expect(await run(root)).toMatchObject({ code: 0, stdout: 'ran \n' });
    expect(built().split(' ').sort()).toEqual(['build', 'studio']);
    expect(await run(root)).toEqual({ code: 0, stdout: 'ran \n', stderr: '' });

    const touch = (file: string, aheadMs: number): void => {
      const at = new Date(Date.now() + aheadMs);
      utimesSync(join(root, file), at, at);
    };
    rmSync(join(root, 'builds.txt'));
    touch('studio/src/main.tsx', 60_000);
    await run(root);
    expect(built()).toBe('studio');
    rmSync(join(root, 'builds.txt'));
    touch('studio/src/main.tsx', -60_000);
    touch('dist/studio/assets/index.js', 120_000);
    touch('src/client/client.ts', 60_000);
    await run(root);
    // A newer bundle is no newer compilation.
    expect(built().split(' ').sort()).toEqual(['build', 'studio']);
  });

  it('builds once when two are started at the same time', async () => {
    const both = await Promise.all([run(root), run(root)]);
    expect(both.map(({ code, stdout }) => ({ code, stdout }))).toEqual([
      { code: 0, stdout: 'ran \n' },
      { code: 0, stdout: 'ran \n' },
    ]);
    expect(builds()).toBe(1);
  });

  it('takes over the lock of a build that was killed', async () => {
    mkdirSync(join(root, 'dist/.building'), { recursive: true });
    utimesSync(join(root, 'dist/.building'), longAgo, longAgo);
    expect((await run(root)).stdout).toBe('ran \n');
  });

  it('does not run old code when the build fails, and tries again the next time', async () => {
    writeFileSync(join(root, 'broken'), '');
    const failed = await run(root);
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toContain('the build failed');
    rmSync(join(root, 'broken'));
    expect((await run(root)).stdout).toBe('ran \n');
  });

  it('asks for npm ci where the dependencies are missing', async () => {
    rmSync(join(root, 'node_modules'), { recursive: true });
    const refused = await run(root);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('npm ci');
  });

  it('names a package that is missing, and what installs it', async () => {
    writeFileSync(join(root, 'src/cli/main.ts'), "import 'no-such-package';");
    const refused = await run(root);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('parley: no-such-package is not installed; run npm ci.');
  });

  it('runs an installed package, which has no sources, as it is', async () => {
    mkdirSync(join(root, 'dist/cli'), { recursive: true });
    copyFileSync(join(root, 'src/cli/main.ts'), join(root, 'dist/cli/main.js'));
    for (const folder of ['src', 'node_modules']) rmSync(join(root, folder), { recursive: true });
    expect(await run(root, ['say'])).toEqual({ code: 0, stdout: 'ran say\n', stderr: '' });
  });

  it('ends quietly when the reader of its output has gone', async () => {
    writeFileSync(join(root, 'src/cli/main.ts'), 'setInterval(() => console.log("x".repeat(65536)), 1);');
    const child = spawn(process.execPath, [join(root, 'bin/parley.js')], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(0);
    expect(stderr).toBe('parley: building…\ncompiler output\n');
  });
});
