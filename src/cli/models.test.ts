import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelSource } from '../models/catalogue.js';
import {
  createFixture,
  type FetchFixture,
  fileSpec,
  modelSpec,
  pretendPip,
  someBytes,
  zipOf,
} from '../models/fetch-fixture.js';
import { modelsCommand } from './models.js';

let fixture: FetchFixture;
const content = someBytes(2_000);
const source: ModelSource = { kind: 'pypi', package: 'w', version: '1.0', member: 'a.bin', archiveBytes: 10 };
const specs = [
  modelSpec('needed', [fileSpec('a.bin', content, [source])]),
  modelSpec('extra', [fileSpec('a.bin', content, [source])], false),
];

beforeEach(async () => {
  fixture = await createFixture();
});
afterEach(() => fixture.close());

async function parley(...args: string[]) {
  const printed = { out: '', err: '', exitCode: 0 };
  const command = modelsCommand({
    env: { PARLEY_CACHE_DIR: fixture.cacheDir },
    catalogue: specs,
    stdout: { write: (text) => (printed.out += text) },
    stderr: { write: (text) => (printed.err += text) },
    fetch: { run: pretendPip({ 'w==1.0': zipOf({ 'a.bin': content }) }).run },
    setExitCode: (code) => {
      printed.exitCode = code;
    },
  });
  await command.parseAsync(args, { from: 'user' });
  return printed;
}

describe('parley models', () => {
  it('fetches what is required, and the optional only by name', async () => {
    const { out, err, exitCode } = await parley('fetch');
    expect({ out, exitCode }).toEqual({
      out: `needed: installed in ${join(fixture.cacheDir, 'models', 'needed')}\n`,
      exitCode: 0,
    });
    expect(err).toContain('needed/a.bin: 2.0 kB from pip w==1.0');
    expect((await parley('list')).out).toMatch(/^extra .* not installed \(optional\) /m);

    await parley('fetch', 'extra');
    expect((await parley('list')).out).toMatch(/^extra +voice activity +MIT +2\.0 kB +yes +pip w==1\.0$/m);
  });

  it('refuses a name that it does not know, and lists those it does', async () => {
    const { err, exitCode } = await parley('fetch', 'nothing');
    expect(exitCode).toBe(1);
    expect(err).toBe('There is no model nothing. Known models: needed, extra.\n');
  });

  it('verifies with exit code 1 while a needed model is missing or any is damaged', async () => {
    expect(await parley('verify')).toMatchObject({ exitCode: 1, out: expect.stringContaining('needed: missing') });

    await parley('fetch');
    expect(await parley('verify')).toMatchObject({ exitCode: 0, out: 'needed: installed\nextra: not installed\n' });

    const dir = join(fixture.cacheDir, 'models', 'extra');
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'a.bin'), someBytes(2_000));
    const { out, exitCode } = await parley('verify');
    expect(exitCode).toBe(1);
    expect(out).toContain('extra: damaged');
    expect(out).toContain(`${join(dir, 'a.bin')}: has sha256`);
  });

  it('prints one JSON document for list, verify and where', async () => {
    await parley('fetch');
    const list = JSON.parse((await parley('list', '--json')).out);
    expect(list.models.map((model: { id: string; status: string }) => [model.id, model.status])).toEqual([
      ['needed', 'installed'],
      ['extra', 'missing'],
    ]);
    expect(JSON.parse((await parley('verify', '--json')).out)).toMatchObject({ ok: true });
    const where = JSON.parse((await parley('where', '--json')).out);
    expect(where.models[0].files[0]).toMatchObject({ name: 'a.bin', bytes: 2_000, sources: ['pip w==1.0 : a.bin'] });
  });

  it('says where the files go by hand', async () => {
    const { out } = await parley('where');
    expect(out).toContain(join(fixture.cacheDir, 'models'));
    expect(out).toMatch(/a\.bin {2}2000 bytes {2}sha256 [0-9a-f]{64}/);
  });
});
