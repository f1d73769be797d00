#!/usr/bin/env node
/**
 * The `parley` command. Runs the compiled command line; in a clone it compiles the sources first when they are newer, so
 * that a pull or an edit is never answered by old code. Its own messages go to stderr: stdout belongs to the command.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const src = join(root, 'src');
const dist = join(root, 'dist');
const main = join(dist, 'cli/main.js');
const compiler = join(root, 'node_modules/typescript/bin/tsc');
const lock = join(dist, '.building');
const stamp = join(dist, '.built');

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
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile() && isCounted(entry.name))
      newest = Math.max(newest, changedMs(join(entry.parentPath, entry.name)));
  return newest;
}

function sourcesMs() {
  const settings = ['tsconfig.json', 'tsconfig.build.json'].map((name) => changedMs(join(root, name)));
  // Tests are not compiled: editing one is no reason to build.
  const compiled = (name) => /\.(ts|json)$/.test(name) && !/(\.test|-fixture)\.ts$/.test(name);
  return Math.max(newestMs(src, compiled), ...settings);
}

/**
 * The compiler writes only what has changed, so one file's age says nothing: it is the newest that counts. The stamp is for
 * changes that leave no trace in the output, such as a touched file.
 */
function isBuilt() {
  if (!existsSync(main)) return false;
  return (
    Math.max(
      changedMs(stamp),
      newestMs(dist, (name) => name.endsWith('.js')),
    ) >= sourcesMs()
  );
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

async function compile() {
  process.stderr.write('parley: building…\n');
  // The compiler believes its notes about what it has written: without them it writes everything.
  if (!existsSync(main)) rmSync(join(dist, '.tsbuildinfo'), { force: true });
  const startedAt = new Date();
  const heartbeat = setInterval(renewLock, heartbeatMs);
  // The compiler reports on its stdout, which must not reach ours.
  const child = spawn(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  const stop = (signal) => {
    child.kill(signal);
    releaseLock();
    process.exit(130);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
  clearInterval(heartbeat);
  if (code !== 0) {
    releaseLock();
    fail('the build failed; the errors are above.');
  }
  // What was edited while the compiler ran counts as newer.
  closeSync(openSync(stamp, 'w'));
  utimesSync(stamp, startedAt, startedAt);
}

async function build() {
  if (!existsSync(compiler))
    fail('the sources are newer than the build and TypeScript is not installed; run npm ci first.');
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
    if (!isBuilt()) await compile();
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
