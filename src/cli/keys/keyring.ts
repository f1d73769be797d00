import { ParleyError } from '../../audio/error.js';
import type { Trust } from '../../client/node-socket.js';
import { makeDataFolder } from '../../platform/data-folder.js';
import { readNewKey } from '../../platform/keys/key-fields.js';
import { type CreatedKeyView, type KeyView, keyView } from '../../platform/keys/key-view.js';
import { Keys } from '../../platform/keys/keys.js';
import { dataDirOf } from '../../settings/settings.js';
import { Store } from '../../store/store.js';
import { addressOf, probe } from '../call/probe-server.js';
import type { CommandEnv } from '../call/server-options.js';
import { trustedCertificates } from '../call/trusted-certificates.js';
import { type ManageRequest, manageRequest } from './manage-request.js';

/** Where the command finds the keys. */
export type Keyring = {
  create(fields: Readonly<Record<string, unknown>>): Promise<CreatedKeyView>;
  list(): Promise<readonly KeyView[]>;
  revoke(id: string): Promise<KeyView>;
  close(): Promise<void>;
};

/**
 * The keys of a running server, or of the database itself. The embedded database belongs to one process: while a server
 * runs, only it can be asked. PostgreSQL takes both.
 *
 * @throws ParleyError `keys.no_server` when something else answers at the server's address
 */
export async function openKeyring(options: {
  readonly env: CommandEnv;
  /** The server's socket. */
  readonly url: string;
  readonly ca: string | undefined;
}): Promise<Keyring> {
  const { env, url, ca } = options;
  const dataDir = dataDirOf(env);
  const databaseUrl = env.DATABASE_URL || undefined;
  if (databaseUrl !== undefined) return keyringOf(new Store({ databaseUrl, dataDir }));
  const trust = trustedCertificates({ url, file: ca, dataDir });
  const address = addressOf(url);
  const found = await probe(address, trust);
  if (found.state === 'nothing') {
    await makeDataFolder(dataDir);
    return keyringOf(new Store({ databaseUrl, dataDir }));
  }
  if (found.state === 'silent')
    throw new ParleyError(`Nothing at ${address.origin} answered in time; say with --url where the server is.`, {
      code: 'keys.no_server',
      status: 400,
    });
  if (found.state === 'untrusted' || found.state === 'other') {
    const why = found.state === 'untrusted' ? `is not trusted (${found.why})` : `is no Parley server (${found.seen})`;
    throw new ParleyError(`What answers at ${address.origin} ${why}; say with --url and --ca where the server is.`, {
      code: 'keys.no_server',
      status: 400,
    });
  }
  return keyringAt(address, env.PARLEY_API_KEY || undefined, trust);
}

function keyringOf(store: Store): Keyring {
  const keys = new Keys(store);
  return {
    async create(fields) {
      const created = await keys.create(readNewKey(fields, new Date()));
      return { ...keyView(created.key), key: created.secret };
    },
    list: async () => (await keys.list()).map(keyView),
    revoke: async (id) => keyView(await keys.revoke(id)),
    close: () => store.close(),
  };
}

function keyringAt(address: URL, apiKey: string | undefined, trust: Trust): Keyring {
  const ask = (method: ManageRequest['method'], path: string, body?: unknown): Promise<unknown> =>
    manageRequest({ method, url: new URL(path, address), apiKey, body, ca: trust() });
  return {
    create: async (fields) => (await ask('POST', '/v1/parley/keys', fields)) as CreatedKeyView,
    list: async () => ((await ask('GET', '/v1/parley/keys')) as { data: readonly KeyView[] }).data,
    revoke: async (id) => (await ask('DELETE', `/v1/parley/keys/${encodeURIComponent(id)}`)) as KeyView,
    close: async () => {},
  };
}
