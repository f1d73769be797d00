import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { nodeSockets } from '../../client/node-socket.js';
import { connectRealtime } from '../../client/realtime-client.js';
import { ownCertificate, ownCertificatePath } from '../../platform/tls/own-certificate.js';
import { ensureServer } from './server.js';
import { trustedCertificates } from './trusted-certificates.js';

let dataDir: string;
let elsewhere: string;
let server: Server;
let url: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-trust-'));
  elsewhere = await mkdtemp(join(tmpdir(), 'parley-trust-'));
  server = createServer(await ownCertificate({ dataDir, names: [] }), (_, response) =>
    response.end('{"status":"ready"}'),
  );
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.send('{"type":"session.created","event_id":"event_1","session":{}}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}/v1/realtime`;
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  for (const folder of [dataDir, elsewhere]) await rm(folder, { recursive: true });
});

async function reach(options: { readonly dataDir: string; readonly file?: string }): Promise<string> {
  const trust = trustedCertificates({ url, file: options.file, dataDir: options.dataDir });
  const { started } = await ensureServer({ url, trust });
  expect(started).toBe(false);
  return new Promise((resolve, reject) => {
    connectRealtime({ url, openSocket: nodeSockets(undefined, trust), onEvent: ({ type }) => resolve(type) }).then(
      (client) => client.close(),
      reject,
    );
  });
}

describe('a call over TLS', () => {
  it('trusts the certificate that a server of this data folder made', async () => {
    expect(await reach({ dataDir })).toBe('session.created');
  });

  it('trusts the certificate that is named', async () => {
    expect(await reach({ dataDir: elsewhere, file: ownCertificatePath(dataDir) })).toBe('session.created');
  });

  it('refuses any other, and says what to name', async () => {
    await expect(reach({ dataDir: elsewhere })).rejects.toThrow(/not trusted .*--ca FILE/);
  });

  it('says what is wrong with a file that holds no certificate', async () => {
    const noise = join(elsewhere, 'noise.pem');
    await writeFile(noise, 'noise');
    const trust = (file: string) => () => trustedCertificates({ url, file, dataDir });
    expect(trust(noise)).toThrow(/has no certificate in it/);
    expect(trust(join(elsewhere, 'absent.pem'))).toThrow(/cannot be read: it is not there/);
  });
});
