import { hostname } from 'node:os';
import { givenCertificate, type TlsIdentity } from './given-certificate.js';
import { ownCertificate, ownCertificatePath } from './own-certificate.js';

export type ServerIdentity = TlsIdentity & {
  /** What clients are given to trust; undefined for a certificate of an authority. */
  readonly trustFile: string | undefined;
};

/**
 * With files, the certificate in them; without, one that this server makes for itself.
 * @throws ParleyError `tls.unusable_certificate`
 */
export async function serverIdentity(options: {
  readonly files: { readonly cert: string; readonly key: string } | undefined;
  readonly dataDir: string;
  /** The address to listen on. */
  readonly host: string;
}): Promise<ServerIdentity> {
  const { files, dataDir, host } = options;
  if (files) return { ...(await givenCertificate(files)), trustFile: undefined };
  const names = [host.replace(/^\[(.*)\]$/, '$1'), hostname()].filter((name) => namesOneServer(name));
  return { ...(await ownCertificate({ dataDir, names })), trustFile: ownCertificatePath(dataDir) };
}

/** An address that means "every interface" is none to call, and not every host name is one for a certificate. */
function namesOneServer(name: string): boolean {
  return name !== '0.0.0.0' && name !== '::' && /^[a-z0-9.:-]{1,253}$/i.test(name);
}
