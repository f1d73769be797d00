import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runParley } from './support/run-parley.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-cli-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a server that cannot be started as asked', () => {
  const refused: [string, string[], Record<string, string>, RegExp][] = [
    [
      'beyond this computer without a key',
      [],
      { PARLEY_HOST: '0.0.0.0', PARLEY_API_KEY: '' },
      /PARLEY_HOST: .*PARLEY_API_KEY/,
    ],
    ['at a port that is none', ['--port', 'eighty'], {}, /PARLEY_PORT: expected a whole number/],
    ['with a certificate and no key of it', ['--tls-cert', 'cert.pem'], {}, /PARLEY_TLS_KEY: expected a PEM file too/],
    [
      'with a data folder that cannot be made',
      [],
      { PARLEY_DATA_DIR: '/dev/null/parley' },
      /The data folder \/dev\/null\/parley cannot be written \(ENOTDIR\).*PARLEY_DATA_DIR/,
    ],
    [
      'with a certificate that is not there',
      ['--tls-cert', 'absent.pem', '--tls-key', 'absent.pem'],
      {},
      /absent\.pem: the certificate cannot be read \(ENOENT\); expected a PEM file/,
    ],
  ];

  it.each(refused)('says why: %s', async (_what, flags, env, reason) => {
    const { code, stderr } = await runParley(['start', ...flags], {
      PARLEY_PORT: '0',
      PARLEY_DATA_DIR: folder,
      ...env,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('the command line, given rubbish', () => {
  const commands = ['transcribe', 'call', 'analyse'];

  for (const command of commands)
    it(`"${command}" says what it expected of a text file called .wav`, async () => {
      const file = join(folder, 'letter.wav');
      await writeFile(file, 'Dear all,\nthis is not a recording.\n');
      const { code, stdout, stderr } = await runParley([command, file]);
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/WAV/);
      expect(stderr).not.toMatch(/\n\s+at /);
    });

  for (const command of commands)
    it(`"${command}" refuses an empty file`, async () => {
      const file = join(folder, 'empty.wav');
      await writeFile(file, '');
      const { code, stderr } = await runParley([command, file]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/empty|0 bytes|no bytes/i);
      expect(stderr).not.toMatch(/\n\s+at /);
    });

  it.each([
    [
      'a file that is not there',
      ['transcribe', 'nowhere.wav'],
      /^nowhere\.wav cannot be read: it is not there; expected/,
    ],
    ['a folder', ['transcribe', 'src'], /^src cannot be read: it is a folder; expected a recording/],
    [
      'a file that cannot be written, before anything is said',
      ['say', 'Hello', '--out', 'no-such-folder/out.wav'],
      /^no-such-folder\/out\.wav cannot be written: there is no folder no-such-folder; expected/,
    ],
  ])('names %s', async (_what, args, reason) => {
    const { code, stdout, stderr } = await runParley(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(reason);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each([
    ['a command that there is not', ['dictate'], /unknown command 'dictate'/],
    ['an option that there is not', ['keys', 'list', '--everything'], /unknown option '--everything'/],
    ['a flag that is no number', ['say', 'hello', '--out', 'x.wav', '--speed', 'fast'], /--speed takes a number from/],
    ['a recording measured with no seed', ['analyse', 'x.wav', '--seed', 'x'], /Expected a whole number/],
    ['an argument that is missing', ['transcribe'], /missing required argument 'file'\nRun with --help/],
  ])('wrong usage has an exit code of its own: %s', async (_what, args, reason) => {
    const { code, stderr } = await runParley(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(reason);
  });

  it('a setting that cannot be used is named with what was expected', async () => {
    const { code, stderr } = await runParley(['start'], { PARLEY_PORT: 'eighty', PARLEY_LOG_LEVEL: 'loud' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/PARLEY_PORT: expected a whole number/);
    expect(stderr).toMatch(/PARLEY_LOG_LEVEL: expected one of "debug"/);
  });

  it('a database that is damaged is named, and nothing is loaded for it', async () => {
    const dataDir = join(folder, 'damaged');
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'db'), '');
    const { code, stderr } = await runParley(['start'], { PARLEY_PORT: '0', PARLEY_DATA_DIR: dataDir });
    expect(code).toBe(1);
    expect(stderr).toMatch(/The database in .*db cannot be opened: .*Restore the folder from a backup/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('a port in use is named', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => other.once('listening', listening));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await runParley(['start'], { PARLEY_PORT: String(port) });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port}`);
  });

  it('without a network and without models it says what is missing, why, and what to put where', async () => {
    const cache = join(folder, 'empty-cache');
    const { code, stderr } = await runParley(['say', 'Hello', '--out', join(folder, 'never.wav')], {
      PARLEY_CACHE_DIR: cache,
      // No network: nothing can be fetched, and neither pip nor npm is found.
      PATH: '/nonexistent',
      NODE_OPTIONS:
        "--import=data:text/javascript,globalThis.fetch=()=>Promise.reject(new(TypeError)('fetch(failed)'))",
    });
    expect(code).toBe(1);
    expect(stderr).toContain('hibari.onnx');
    expect(stderr).toMatch(/5f70741d4e900f4e/);
    expect(stderr).toContain(cache);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect((await readdir(folder)).includes('never.wav')).toBe(false);
  });
});
