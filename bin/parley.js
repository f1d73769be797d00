#!/usr/bin/env node
/**
 * The `parley` command. Runs the compiled command line; in a clone it builds the sources first when they are newer, the
 * studio's included, so that a pull or an edit is never answered by old code. Its own messages go to stderr: stdout belongs
 * to the command.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const src = join(root, 'src');
const studio = join(root, 'studio');
const dist = join(root, 'dist');
const main = join(dist, 'cli/main.js');
const studioPage = join(dist, 'studio/index.html');
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const bundler = join(root, 'node_modules/vite/bin/vite.js');
const lock = join(dist, '.building');
const stamp = join(dist, '.built');
/** What the studio takes from the server's sources: studio/.dependency-cruiser.cjs allows it no more. */
const studioImports = ['client', 'audio', 'analyser'];

const oldestNode = [20, 19];
const heartbeatMs = 1_000;
/** A lock that was not renewed for this long belongs to a process that is gone. */
const staleLockMs = 10_000;
const longestWaitMs = 300_000;
const pollMs = 100;

function fail(message) {
  process.stderr.write(`parley: ${message}\n`);
  process.exit(1);
}

/** Milliseconds of the last change, 0 where there is nothing. */
function changedMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestMs(folder, isCounted) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && isCounted(path)) newest = Math.max(newest, changedMs(path));
  }
  return newest;
}

/** Tests are not compiled: editing one is no reason to build. */
const isSource = (path) => !/(\.test|-fixture)\.ts$/.test(path);

function settingsMs(...names) {
  return Math.max(...names.map((name) => changedMs(join(root, name))));
}

function sourcesMs() {
  const compiled = (path) => /\.(ts|json)$/.test(path) && isSource(path);
  return Math.max(newestMs(src, compiled), settingsMs('tsconfig.json', 'tsconfig.build.json'));
}

/**
 * The compiler writes only what has changed, so one file's age says nothing: it is the newest that counts. The stamp is for
 * changes that leave no trace in the output, such as a touched file.
 */
function isCompiled() {
  if (!existsSync(main)) return false;
  const compiled = (path) => path.endsWith('.js') && !path.startsWith(dirname(studioPage));
  return Math.max(changedMs(stamp), newestMs(dist, compiled)) >= sourcesMs();
}

/** The bundler writes everything each time, so the page's age is that of the build. */
function isStudioBuilt() {
  if (!existsSync(studio)) return true;
  const imported = studioImports.map((name) => join(src, name)).filter((folder) => existsSync(folder));
  const newest = Math.max(...[studio, ...imported].map((folder) => newestMs(folder, isSource)));
  return changedMs(studioPage) >= Math.max(newest, settingsMs('tsconfig.json'));
}

function isBuilt() {
  return isCompiled() && isStudioBuilt();
}

/** @returns whether this process now holds the lock */
function takeLock() {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const renewedMs = changedMs(lock);
  // Two that find the same dead lock may both go on: then both compile the same sources, which is slow but not wrong.
  if (renewedMs > 0 && Date.now() - renewedMs > staleLockMs) rmSync(lock, { recursive: true, force: true });
  return false;
}

function releaseLock() {
  rmSync(lock, { recursive: true, force: true });
}

function renewLock() {
  const now = new Date();
  try {
    utimesSync(lock, now, now);
  } catch {
    // Somebody took it for dead; the compiled result is the same.
  }
}

/** Starts a tool of the build. Its report must not reach our stdout. */
function startTool(script, args) {
  const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  const code = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  return { child, code };
}

/** What was edited while a tool ran counts as newer than its result. */
function dateBack(path, startedAt) {
  utimesSync(path, startedAt, startedAt);
}

async function buildWhatIsOld() {
  process.stderr.write('parley: building…\n');
  const startedAt = new Date();
  const heartbeat = setInterval(renewLock, heartbeatMs);
  const compiling = !isCompiled();
  const bundling = !isStudioBuilt();
  // The compiler believes its notes about what it has written: without them it writes everything.
  if (!existsSync(main)) rmSync(join(dist, '.tsbuildinfo'), { force: true });
  const tools = [
    ...(compiling ? [startTool(compiler, ['-p', join(root, 'tsconfig.build.json')])] : []),
    ...(bundling
      ? [startTool(bundler, ['build', '--config', join(studio, 'vite.config.ts'), '--logLevel', 'warn'])]
      : []),
  ];
  const stop = (signal) => {
    for (const { child } of tools) child.kill(signal);
    releaseLock();
    process.exit(130);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const codes = await Promise.all(tools.map(({ code }) => code));
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
  clearInterval(heartbeat);
  if (codes.some((code) => code !== 0)) {
    releaseLock();
    fail('the build failed; the errors are above.');
  }
  if (compiling) {
    closeSync(openSync(stamp, 'w'));
    dateBack(stamp, startedAt);
  }
  if (bundling) dateBack(studioPage, startedAt);
}

async function build() {
  if (!existsSync(compiler) || (existsSync(studio) && !existsSync(bundler)))
    fail('the sources are newer than the build and the tools to build them are not installed; run npm ci first.');
  mkdirSync(dist, { recursive: true });
  const giveUpMs = Date.now() + longestWaitMs;
  let told = false;
  while (!takeLock()) {
    if (Date.now() > giveUpMs)
      fail(`another process has been building for five minutes; if there is none, remove ${lock}.`);
    if (!told) process.stderr.write('parley: waiting for another process that is building…\n');
    told = true;
    await sleep(pollMs);
  }
  try {
    if (!isBuilt()) await buildWhatIsOld();
  } finally {
    releaseLock();
  }
}

/** Whoever reads our output may stop early (`parley … | head`): that is no error. */
function endQuietlyWithoutReader(stream) {
  stream.on('error', (error) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

endQuietlyWithoutReader(process.stdout);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]))
  fail(`this is Node ${process.versions.node}; ${oldestNode.join('.')} or newer is needed.`);
if (existsSync(src)) {
  if (!existsSync(join(root, 'node_modules'))) fail('the dependencies are not installed; run npm ci first.');
  if (!isBuilt()) await build();
}
if (!existsSync(main)) fail(`${main} is missing; install the package again.`);
try {
  await import(pathToFileURL(main).href);
} catch (error) {
  const [, name] = /Cannot find (?:package|module) '([^']+)' imported/.exec(error.message) ?? [];
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !name) throw error;
  fail(`${name} is not installed; run npm ci. "parley doctor" says what else is missing.`);
}
