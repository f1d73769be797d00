import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { create } from 'tar';
import type { ModelFile, ModelSource, ModelSpec } from './catalogue.js';
import type { RunCommand } from './run-command.js';

/** What the tests of this folder need around them: a temporary cache, a server, small archives, a pretended pip. */
export type FetchFixture = {
  readonly cacheDir: string;
  readonly close: () => Promise<void>;
};

export async function createFixture(): Promise<FetchFixture> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'parley-models-'));
  return { cacheDir, close: () => rm(cacheDir, { recursive: true, force: true }) };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that no accident reproduces. */
export function someBytes(length: number): Buffer {
  return randomBytes(length);
}

export function fileSpec(name: string, content: Uint8Array, sources: readonly ModelSource[]): ModelFile {
  return { name, bytes: content.length, sha256: sha256(content), sources };
}

export function modelSpec(id: string, files: readonly ModelFile[], required = true): ModelSpec {
  return {
    id,
    job: 'voice activity',
    name: id,
    licence: 'MIT',
    licenceUrl: 'https://example.test/licence',
    attribution: 'nobody',
    required,
    files,
  };
}

export type TestServer = {
  /** Address of a path on the server. */
  readonly at: (path: string) => string;
  readonly requests: { path: string; range: string | undefined }[];
  readonly close: () => Promise<void>;
};

export async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<TestServer> {
  const requests: TestServer['requests'] = [];
  const server: Server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', range: request.headers.range });
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    at: (path) => `http://127.0.0.1:${port}${path}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers as a server of static files does, `Range` included. */
export function sendFile(request: IncomingMessage, response: ServerResponse, content: Buffer): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start === 0) {
    response.writeHead(200, { 'content-length': content.length }).end(content);
    return;
  }
  response
    .writeHead(206, {
      'content-length': content.length - start,
      'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
    })
    .end(content.subarray(start));
}

/** A zip of stored members: the least that a reader of wheels accepts (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16). */
export function zipOf(members: Readonly<Record<string, Uint8Array>>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(members)) {
    const nameBytes = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(content.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, nameBytes, content]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, tail, nameBytes]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** Writes a tarball as `npm pack` does: everything below `package/`. */
export async function writeTarball(path: string, members: Readonly<Record<string, Uint8Array>>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-tarball-'));
  try {
    for (const [name, content] of Object.entries(members)) {
      const target = join(folder, 'package', name);
      await mkdir(join(target, '..'), { recursive: true });
      await writeFile(target, content);
    }
    await create({ gzip: true, file: path, cwd: folder }, await readdir(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A pip that finds the given wheels by `name==version`, and counts what it was asked for. */
export function pretendPip(wheels: Readonly<Record<string, Buffer>>): { run: RunCommand; asked: string[] } {
  const asked: string[] = [];
  const run: RunCommand = async (_command, args, options) => {
    const requirement = args.at(-1) ?? '';
    asked.push(requirement);
    const wheel = wheels[requirement];
    if (!wheel) {
      return { outcome: 'exited', code: 1, output: `ERROR: No matching distribution found for ${requirement}\n` };
    }
    await writeFile(join(options.cwd, `${requirement.replace('==', '-')}-py3-none-any.whl`), wheel);
    return { outcome: 'exited', code: 0, output: '' };
  };
  return { run, asked };
}
