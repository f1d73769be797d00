import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { TlsIdentity } from './given-certificate.js';
import { readIdentity } from './given-certificate.js';

const dayMs = 86_400_000;
/** The longest that all common clients accept. */
const validDays = 397;
/** A server is restarted more often than this, and a start renews. */
const renewDays = 30;

export type OwnCertificateOptions = {
  readonly dataDir: string;
  /** Names and addresses by which clients reach this server, besides those of this computer for itself. */
  readonly names: readonly string[];
  /** @defaultValue `Date.now()` */
  readonly nowMs?: number;
};

/** Where a data folder keeps its own certificate; clients are given this file to trust. */
export function ownCertificatePath(dataDir: string): string {
  return join(dataDir, 'tls', 'certificate.pem');
}

/**
 * The certificate that this server made for itself, made or renewed when there is none, when it is about to expire, or
 * when it lacks a name. It is no authority: whoever has its key can pass for these names and for nothing else.
 */
export async function ownCertificate(options: OwnCertificateOptions): Promise<TlsIdentity> {
  const { dataDir, names, nowMs = Date.now() } = options;
  const wanted = [...new Set(['localhost', '127.0.0.1', '::1', ...names])];
  const folder = join(dataDir, 'tls');
  // One file, so that certificate and key are always of one making.
  const kept = join(folder, 'own.pem');
  const current = await readKept(kept);
  const identity = current && serves(current.cert, wanted, nowMs) ? current : await make(wanted, nowMs);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (identity !== current) await replaceFile(kept, `${identity.cert}\n${identity.key}`, 0o600);
  else await chmod(kept, 0o600);
  await replaceFile(ownCertificatePath(dataDir), identity.cert, 0o644);
  return identity;
}

async function readKept(path: string): Promise<TlsIdentity | undefined> {
  const pem = await readFile(path, 'utf8').catch(() => '');
  const cert = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(pem)?.[0];
  const key = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/.exec(pem)?.[0];
  if (cert === undefined || key === undefined) return undefined;
  const read = readIdentity(`${cert}\n`, `${key}\n`);
  return 'problem' in read ? undefined : read;
}

function serves(cert: string, names: readonly string[], nowMs: number): boolean {
  const certificate = new X509Certificate(cert);
  const lasts = Date.parse(certificate.validTo) - nowMs > renewDays * dayMs;
  const begun = Date.parse(certificate.validFrom) <= nowMs;
  const covers = (name: string): boolean =>
    (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
  return lasts && begun && names.every(covers);
}

async function make(names: readonly string[], nowMs: number): Promise<TlsIdentity> {
  // Loaded when needed: it is large, and most starts need none of it.
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: 'Parley on this computer' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // A clock that is behind by minutes still accepts it.
    notBeforeDate: new Date(nowMs - dayMs / 24),
    notAfterDate: new Date(nowMs + validDays * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** Whoever reads it sees the old file or the new one, never half of it. */
async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  await writeFile(part, text, { mode });
  await rename(part, path);
}
