import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { givenCertificate } from './given-certificate.js';
import { ownCertificate, ownCertificatePath } from './own-certificate.js';

const dayMs = 86_400_000;
const folders: string[] = [];
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-tls-'));
  folders.push(dataDir);
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

describe("a server's own certificate", () => {
  it('is for this computer and the names it is asked for, and is no authority', async () => {
    const { cert } = await ownCertificate({ dataDir, names: ['parley.example', '192.0.2.7'] });
    const certificate = new X509Certificate(cert);
    for (const name of ['localhost', 'parley.example']) expect(certificate.checkHost(name)).toBe(name);
    for (const address of ['127.0.0.1', '::1', '192.0.2.7']) expect(certificate.checkIP(address)).toBeDefined();
    expect(certificate.checkHost('elsewhere.example')).toBeUndefined();
    expect(certificate.ca).toBe(false);
  });

  it('is made once, with its key for nobody else to read', async () => {
    const made = await ownCertificate({ dataDir, names: [] });
    await chmod(join(dataDir, 'tls', 'own.pem'), 0o644);
    expect(await ownCertificate({ dataDir, names: [] })).toEqual({
      cert: `${made.cert.trimEnd()}\n`,
      key: `${made.key.trimEnd()}\n`,
    });
    expect(await mode(join(dataDir, 'tls', 'own.pem'))).toBe('600');
    const toTrust = await readFile(ownCertificatePath(dataDir), 'utf8');
    expect(toTrust).toContain('BEGIN CERTIFICATE');
    expect(toTrust).not.toContain('KEY');
  });

  it('is renewed a month before it expires, and not earlier', async () => {
    const { cert } = await ownCertificate({ dataDir, names: [] });
    const endMs = Date.parse(new X509Certificate(cert).validTo);
    const later = async (nowMs: number) => (await ownCertificate({ dataDir, names: [], nowMs })).cert.trim();
    expect(await later(endMs - 31 * dayMs)).toBe(cert.trim());
    expect(await later(endMs - 29 * dayMs)).not.toBe(cert.trim());
  });

  it('is made anew when it lacks a name, or when its file is damaged', async () => {
    const first = await ownCertificate({ dataDir, names: [] });
    const second = await ownCertificate({ dataDir, names: ['parley.example'] });
    expect(second.cert).not.toBe(first.cert);
    await writeFile(join(dataDir, 'tls', 'own.pem'), second.cert);
    const third = await ownCertificate({ dataDir, names: [] });
    expect(third.cert).not.toBe(second.cert);
    expect(await readFile(ownCertificatePath(dataDir), 'utf8')).toBe(third.cert);
  });
});

describe('a certificate that is given', () => {
  it('is used as it is', async () => {
    const made = await ownCertificate({ dataDir, names: [] });
    const files = { cert: join(dataDir, 'cert.pem'), key: join(dataDir, 'key.pem') };
    await writeFile(files.cert, made.cert);
    await writeFile(files.key, made.key);
    expect(await givenCertificate(files)).toEqual(made);
  });

  it('is refused with the file, what was expected of it, and why', async () => {
    const made = await ownCertificate({ dataDir, names: [] });
    const other = await ownCertificate({ dataDir, names: ['parley.example'] });
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(dataDir, name), text);
      return join(dataDir, name);
    };
    const cert = await file('cert.pem', made.cert);
    const key = await file('key.pem', made.key);
    const noise = await file('noise.pem', 'no certificate');
    const refusal = (files: { cert: string; key: string }, nowMs?: number) =>
      expect(givenCertificate(files, nowMs)).rejects;
    await refusal({ cert: join(dataDir, 'absent.pem'), key }).toThrow(/absent\.pem: the certificate cannot be read/);
    await refusal({ cert: noise, key }).toThrow(/noise\.pem: expected a certificate in PEM/);
    await refusal({ cert, key: noise }).toThrow(/noise\.pem: expected an unencrypted private key in PEM/);
    await refusal({ cert, key: await file('other.pem', other.key) }).toThrow(/other\.pem: this key does not belong/);
    await refusal({ cert, key }, Date.now() + 400 * dayMs).toThrow(/cert\.pem: the certificate expired on/);
  });
});
