import { dataDirOf, isLoopback } from '../../settings/settings.js';
import { addressOf, type Probe, probe } from '../call/probe-server.js';
import { defaultUrl } from '../call/server-options.js';
import { trustedCertificates } from '../call/trusted-certificates.js';
import { broken, type CheckContext, type CheckResult, note, ok } from './check-result.js';

export type ServerFound = { readonly results: readonly CheckResult[]; readonly probe: Probe | undefined };

/** Who listens where a server would, or does. */
export async function checkServer({ env, url: given }: CheckContext): Promise<ServerFound> {
  const url = given ?? defaultUrl(env);
  const address = addressOf(url);
  if (address.port === '0') return { results: [ok('port', 'a free one is chosen at start')], probe: undefined };
  const trust = trustedCertificates({ url, file: undefined, dataDir: dataDirOf(env) });
  const found = await probe(address, trust);
  return { results: [judge(address, found, given !== undefined), microphone(address)], probe: found };
}

function judge(address: URL, found: Probe, asked: boolean): CheckResult {
  const name = 'server';
  const at = address.origin;
  switch (found.state) {
    case 'ready': {
      const { restarting } = found.answer;
      return restarting.length === 0
        ? ok(name, `ready at ${at}`)
        : note(name, `ready at ${at}; being restarted: ${restarting.join(', ')}`);
    }
    case 'loading':
      return note(name, `loading at ${at}: ${found.names.join(', ')}`);
    case 'unavailable':
      return broken(name, `at ${at}, and takes no calls: ${found.why}`, 'parley start');
    case 'nothing':
      return asked
        ? broken(name, `nothing answers at ${at}`, 'parley start')
        : ok(name, `none is running; ${at} is free`);
    case 'untrusted':
      return broken(name, `the certificate at ${at} is not trusted: ${found.why}`, 'NODE_EXTRA_CA_CERTS=FILE.pem');
    case 'silent':
      return broken(
        name,
        `nothing at ${at} answered in time: it hangs, or cannot be reached`,
        'PARLEY_PORT=8788 parley start',
      );
    case 'other':
      return broken(name, `another program listens at ${at} (${found.seen})`, 'PARLEY_PORT=8788 parley start');
  }
}

/** Browsers give the microphone to pages that nobody on the way could have changed. */
function microphone(address: URL): CheckResult {
  const name = 'microphone';
  if (address.protocol === 'https:') return ok(name, `the talk page may use it: ${address.origin}`);
  if (isLoopback(address.hostname))
    return ok(name, `the talk page may use it on this computer; elsewhere browsers want https (parley start --tls)`);
  return note(name, `browsers give it only to https or localhost, not to ${address.origin}`, 'parley start --tls');
}
