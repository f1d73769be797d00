import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { givenCertificate } from '../../platform/tls/given-certificate.js';
import { ownCertificatePath } from '../../platform/tls/own-certificate.js';
import { dataDirOf, speaksTls } from '../../settings/settings.js';
import { broken, type CheckContext, type CheckResult, note, ok } from './check-result.js';

const dayMs = 86_400_000;
const soonDays = 30;

/** The certificate of a server that speaks TLS; nothing for one that does not. */
export async function checkCertificate({ env }: Pick<CheckContext, 'env'>, nowMs = Date.now()): Promise<CheckResult[]> {
  if (!speaksTls(env)) return [];
  const { PARLEY_TLS_CERT: cert, PARLEY_TLS_KEY: key } = env;
  if (cert && key) return [await checkGiven({ cert, key }, nowMs)];
  const path = ownCertificatePath(dataDirOf(env));
  const pem = await readFile(path, 'utf8').catch(() => undefined);
  if (pem === undefined) return [note('certificate', 'none yet: one is made at the first start')];
  try {
    // A start renews it, so its end is nothing to mend.
    return [ok('certificate', `${path}, made here; ${validity(new X509Certificate(pem), nowMs).text}`)];
  } catch {
    return [note('certificate', `${path} is damaged: the next start makes another`)];
  }
}

async function checkGiven(files: { cert: string; key: string }, nowMs: number): Promise<CheckResult> {
  try {
    const { cert } = await givenCertificate(files, nowMs);
    const { text, days } = validity(new X509Certificate(cert), nowMs);
    const found = `${files.cert}, ${text}`;
    return days < soonDays ? note('certificate', found, 'renew it soon') : ok('certificate', found);
  } catch (error) {
    return broken('certificate', (error as Error).message);
  }
}

function validity({ validTo }: X509Certificate, nowMs: number): { readonly text: string; readonly days: number } {
  const endMs = Date.parse(validTo);
  const date = new Date(endMs).toISOString().slice(0, 10);
  const days = Math.floor((endMs - nowMs) / dayMs);
  return { days, text: days < 0 ? `expired on ${date}` : `valid until ${date} (${days} days)` };
}
