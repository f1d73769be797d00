import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modelDir } from '../models/cache.js';
import { catalogue } from '../models/catalogue.js';
import { ownCertificate } from '../platform/tls/own-certificate.js';
import { checkCertificate } from './doctor/certificate.js';
import type { CheckResult } from './doctor/check-result.js';
import { checkFolder } from './doctor/folders.js';
import { judgeMachine } from './doctor/machine.js';
import { checkModelFiles } from './doctor/model-files.js';
import { checkPackages } from './doctor/packages.js';
import { checkServer } from './doctor/server.js';
import { checkParleyFile, checkSettings } from './doctor/settings.js';
import { doctorCommand } from './doctor.js';

const parleyRoot = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Answers every request. @returns the socket's address */
async function answers(status: number, body: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => server.close());
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/realtime`;
}

const statesOf = (results: readonly CheckResult[]) => results.map(({ name, state }) => `${name} ${state}`);

/** Every model, by name and size; the files are empty and take no room. */
function installModels(): void {
  for (const model of catalogue.filter(({ required }) => required))
    for (const { name, bytes } of model.files) {
      const path = join(modelDir(folder, model.id), name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, '');
      truncateSync(path, bytes);
    }
}

describe('what the doctor looks at', () => {
  it('a small or slow machine works, and is told of', () => {
    const machine = { nodeVersion: '20.20.2', system: 'linux x64', processor: 'A', cores: 4, avx2: true };
    const roomy = { memoryBytes: 16e9, freeMemoryBytes: 9e9 };
    expect(judgeMachine({ ...machine, ...roomy }).every(({ state }) => state === 'ok')).toBe(true);
    const small = judgeMachine({ ...machine, avx2: false, cores: 1, memoryBytes: 2e9, freeMemoryBytes: 1e9 });
    expect(statesOf(small)).toEqual(['Node ok', 'processor note', 'cores note', 'memory note']);
  });

  it('each setting that cannot be used, and names that mean nothing', () => {
    const results = checkSettings({ env: { PARLEY_PORT: 'http', PARLEY_MAX_CALLS: '0', PARLEY_PROT: '1', HOME: '/' } });
    expect(results.map(({ state, found }) => `${state} ${found}`)).toEqual([
      'broken PARLEY_PORT: expected a whole number from 0 to 65535',
      'broken PARLEY_MAX_CALLS: expected a whole number from 1 to 64',
      'note PARLEY_PROT is not a setting of Parley',
    ]);
    expect(statesOf(checkSettings({ env: { PARLEY_PORT: '8788' } }))).toEqual(['settings ok']);
  });

  it('parley.yaml, its mistakes one by one, and keys that it names and that are not there', async () => {
    const file = join(folder, 'parley.yaml');
    const check = (text: string, env = {}) => {
      writeFileSync(file, text);
      return checkParleyFile({ env: { PARLEY_CONFIG: file, ...env } });
    };
    const groq =
      'providers: { groq: { kind: openai, url: "https://x/v1", key_env: GROQ_API_KEY, models: { q: { task: chat } } } }';
    expect((await check('agent: { name: Sam, voice: lily }')).map(({ found }) => found)).toEqual([
      expect.stringMatching(/yaml:1:10: name: expected instructions as well/),
      expect.stringMatching(/yaml:1:21: voice: expected one of heart/),
    ]);
    expect(await check(groq)).toEqual([
      expect.objectContaining({ state: 'broken', found: expect.stringContaining('GROQ_API_KEY') }),
    ]);
    expect(await check(groq, { GROQ_API_KEY: 'x' })).toEqual([
      { name: 'parley.yaml', state: 'ok', found: 'Ava at Harbour Coffee answers; models: groq/q' },
    ]);
    expect(await checkParleyFile({ env: {} })).toEqual([]);
  });

  it('packages that are missing, and native code that does not load', async () => {
    writeFileSync(
      join(folder, 'package.json'),
      '{"dependencies":{"onnxruntime-node":"1.0.0","no-such-package":"1.0.0"}}',
    );
    const stub = join(folder, 'node_modules/onnxruntime-node');
    mkdirSync(stub, { recursive: true });
    writeFileSync(join(stub, 'package.json'), '{"version":"1.0.0","main":"index.js"}');
    writeFileSync(join(stub, 'index.js'), 'throw new Error("cannot open libonnxruntime.so")');
    const [packages, runtime] = await checkPackages(folder);
    expect(packages).toMatchObject({ state: 'broken', found: '1 of 2 are missing: no-such-package', fix: 'npm ci' });
    expect(runtime).toMatchObject({ name: 'ONNX Runtime', state: 'broken' });
    expect(runtime?.found).toContain('cannot open libonnxruntime.so');
  });

  it('models by their sizes, and what would fetch those that are missing', async () => {
    const absent = await checkModelFiles({ cacheDir: folder, run: async () => ({ outcome: 'not-found' }) });
    expect(absent.complete).toBe(false);
    expect(statesOf(absent.results)).toContain('models note');
    expect(absent.results.find(({ name }) => name === 'fetching')?.found).toContain('no Python with pip');
    installModels();
    expect(await checkModelFiles({ cacheDir: folder })).toMatchObject({ complete: true, missingBytes: 0 });
    const cut = join(modelDir(folder, 'silero-vad'), 'silero_vad.onnx');
    truncateSync(cut, 100);
    const damaged = await checkModelFiles({ cacheDir: folder, run: async () => ({ outcome: 'not-found' }) });
    expect(damaged.results[0]).toMatchObject({ state: 'broken', fix: 'parley models fetch' });
    expect(damaged.results[0]?.found).toContain(`${cut} has 100 bytes`);
  });

  it('folders without room, or that are none', async () => {
    const need = { name: 'cache', variable: 'PARLEY_CACHE_DIR', neededBytes: 1 };
    expect(await checkFolder({ ...need, path: folder })).toMatchObject({ state: 'ok' });
    expect(await checkFolder({ ...need, path: join(folder, 'a/b') })).toMatchObject({ state: 'note' });
    expect(await checkFolder({ ...need, path: folder, neededBytes: 1e18 })).toMatchObject({ state: 'broken' });
    writeFileSync(join(folder, 'file'), '');
    expect(await checkFolder({ ...need, path: join(folder, 'file/b') })).toMatchObject({ state: 'broken' });
  });

  it('who listens where a server would', async () => {
    const look = async (status: number, body: string) =>
      (await checkServer({ env: {}, root: folder, url: await answers(status, body) })).results[0];
    const expect_ = { responseLatencyMs: 800, concurrentCalls: 2 };
    expect(await look(200, JSON.stringify({ status: 'ready', expect: expect_ }))).toMatchObject({ state: 'ok' });
    const degraded = await look(200, '{"status":"degraded","restarting":["llama"]}');
    expect(degraded).toMatchObject({ state: 'note', found: expect.stringContaining('being restarted: llama') });
    expect(await look(503, '{"status":"loading","loading":["voice"]}')).toMatchObject({ state: 'note' });
    expect(await look(503, '{"status":"failed","reason":"no disk"}')).toMatchObject({
      state: 'broken',
      found: expect.stringContaining('no disk'),
    });
    expect(await look(404, 'nginx')).toMatchObject({ state: 'broken', fix: 'PARLEY_PORT=8788 parley start' });
  });

  it('when the certificate of a server that speaks TLS ends', async () => {
    expect(await checkCertificate({ env: {} })).toEqual([]);
    const { cert, key } = await ownCertificate({ dataDir: folder, names: [] });
    const own = { PARLEY_TLS: 'on', PARLEY_DATA_DIR: folder };
    expect(await checkCertificate({ env: own })).toMatchObject([
      { state: 'ok', found: expect.stringMatching(/made here; valid until \d{4}-\d\d-\d\d/) },
    ]);
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
    const env = { PARLEY_TLS_CERT: join(folder, 'cert.pem'), PARLEY_TLS_KEY: join(folder, 'key.pem') };
    const inDays = (days: number) => checkCertificate({ env }, Date.now() + days * 86_400_000);
    expect(statesOf(await inDays(0))).toEqual(['certificate ok']);
    expect(statesOf(await inDays(390))).toEqual(['certificate note']);
    expect(statesOf(await inDays(400))).toEqual(['certificate broken']);
  });
});

describe('parley doctor', () => {
  async function doctor(root: string, env: Record<string, string>, ...args: string[]) {
    let out = '';
    let code = 0;
    const stdout = { write: (text: string) => (out += text) };
    const stderr = { write: () => true };
    writeFileSync(join(folder, 'package.json'), '{}');
    const options = { env, root, stdout, stderr, setExitCode: (given: number) => (code = given) };
    await doctorCommand(options).parseAsync(['--no-measure', ...args], { from: 'user' });
    return { out, code };
  }

  it('takes what to expect from a running server, and ends with 0 when nothing is broken', async () => {
    installModels();
    const url = await answers(200, '{"status":"ready","expect":{"responseLatencyMs":812,"concurrentCalls":2}}');
    const { out, code } = await doctor(
      parleyRoot,
      { PARLEY_CACHE_DIR: folder, PARLEY_DATA_DIR: folder },
      '--json',
      '--url',
      url,
    );
    const report = JSON.parse(out) as { ok: boolean; expect: unknown; checks: CheckResult[] };
    expect(report.expect).toEqual({ from: 'server', responseLatencyMs: 812, concurrentCalls: 2 });
    expect(report.checks.filter(({ state }) => state === 'broken')).toEqual([]);
    expect({ ok: report.ok, code }).toEqual({ ok: true, code: 0 });
  });

  it('writes a line for each check, with what to do below those that need it', async () => {
    const { out, code } = await doctor(folder, {
      PARLEY_CACHE_DIR: folder,
      PARLEY_DATA_DIR: folder,
      PARLEY_PORT: 'http',
    });
    expect(code).toBe(1);
    expect(out).toMatch(
      /^BROKEN {2}settings +PARLEY_PORT: expected a whole number from 0 to 65535\n +→ parley start --help/m,
    );
    expect(out).toMatch(/^note {4}models +\d+ files .* are missing\n +→ parley models fetch/m);
    expect(out).toMatch(/things are broken\.\n$/);
  });
});
