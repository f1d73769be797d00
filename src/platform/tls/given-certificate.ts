import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ParleyError } from '../../ports/errors.js';

/** What a TLS server proves who it is with; both PEM. */
export type TlsIdentity = { readonly cert: string; readonly key: string };

/**
 * Reads a certificate and its key from files.
 *
 * @throws ParleyError `tls.unusable_certificate` when a file cannot be read, is not PEM, does not belong to the other,
 * or when the certificate has expired
 */
export async function givenCertificate(
  files: { readonly cert: string; readonly key: string },
  nowMs = Date.now(),
): Promise<TlsIdentity> {
  const [cert, key] = [await read(files.cert, 'certificate'), await read(files.key, 'private key')];
  const identity = readIdentity(cert, key);
  if ('problem' in identity) {
    const file = identity.in === 'cert' ? files.cert : files.key;
    throw unusable(`${file}: ${identity.problem}`);
  }
  const { validTo } = new X509Certificate(cert);
  if (Date.parse(validTo) < nowMs) throw unusable(`${files.cert}: the certificate expired on ${validTo}; renew it.`);
  return identity;
}

export type UnusableIdentity = { readonly in: 'cert' | 'key'; readonly problem: string };

/** Certificate and key as an identity, or what is wrong with them. */
export function readIdentity(cert: string, key: string): TlsIdentity | UnusableIdentity {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    return { in: 'cert', problem: 'expected a certificate in PEM ("-----BEGIN CERTIFICATE-----").' };
  }
  let privateKey: ReturnType<typeof createPrivateKey>;
  try {
    privateKey = createPrivateKey(key);
  } catch {
    return { in: 'key', problem: 'expected an unencrypted private key in PEM ("-----BEGIN PRIVATE KEY-----").' };
  }
  if (!certificate.checkPrivateKey(privateKey))
    return {
      in: 'key',
      problem: 'this key does not belong to the certificate; its own certificate comes first in its file.',
    };
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    return { in: 'cert', problem: `TLS refuses it: ${(error as Error).message}.` };
  }
  return { cert, key };
}

async function read(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw unusable(`${file}: the ${what} cannot be read (${code}); expected a PEM file.`, cause);
  }
}

function unusable(message: string, cause?: unknown): ParleyError {
  return new ParleyError(`TLS cannot be offered. ${message}`, { code: 'tls.unusable_certificate', status: 400, cause });
}
