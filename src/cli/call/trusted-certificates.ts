import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { ParleyError } from '../../audio/error.js';
import type { Trust } from '../../client/node-socket.js';
import { ownCertificatePath } from '../../platform/tls/own-certificate.js';
import { isLoopback } from '../../settings/settings.js';
import { refusalOf } from '../files.js';

/**
 * Besides the usual authorities: the file that is named, or else, for a server on this computer, the certificate that
 * it made for itself. That one is looked for at each connection, since a server that starts may make it.
 *
 * @throws ParleyError `call.no_certificate` when the named file cannot be read
 */
export function trustedCertificates(options: {
  readonly url: string;
  readonly file: string | undefined;
  readonly dataDir: string;
}): Trust {
  const { url, file, dataDir } = options;
  if (file !== undefined) {
    const named = [...rootCertificates, readNamed(file)];
    return () => named;
  }
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol !== 'wss:' || !isLoopback(address.hostname)) return () => undefined;
  return () => {
    try {
      return [...rootCertificates, readFileSync(ownCertificatePath(dataDir), 'utf8')];
    } catch {
      return undefined;
    }
  };
}

function readNamed(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8');
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  } catch (cause) {
    throw noCertificate(file, `cannot be read: ${refusalOf(cause)}`, cause);
  }
  throw noCertificate(file, 'has no certificate in it');
}

function noCertificate(file: string, what: string, cause?: unknown): ParleyError {
  return new ParleyError(`${file} ${what}; expected a certificate in PEM, such as parley start --tls names.`, {
    code: 'call.no_certificate',
    status: 400,
    cause,
  });
}
