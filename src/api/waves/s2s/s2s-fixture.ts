import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { systemClock as clock } from '../../../observability/system-clock.js';
import { keyedAccess } from '../../../platform/access/keyed-access-fixture.js';
import { createTokens } from '../../../platform/keys/tokens.js';
import { PronunciationDictionaries } from '../../../platform/pronunciations/dictionaries.js';
import { ParleyError } from '../../../ports/errors.js';
import { Store } from '../../../store/store.js';
import type { SessionModel } from '../../openai/realtime/session-model.js';
import {
  openSocketClient,
  refusalOf,
  type SeenMessage,
  type SocketClient,
  type SocketClientOptions,
} from '../../sockets/socket-client-fixture.js';
import { SocketRoutes } from '../../sockets/socket-routes.js';
import { UpgradeRouter } from '../../sockets/upgrade-router.js';
import { registerWaves } from '../common/register-waves.js';
import type { S2sOptions } from './s2s-socket.js';

export type S2sClient = SocketClient & {
  /** Configures the session and waits until that is in effect. */
  configure(session?: object): Promise<SeenMessage>;
};

export type S2sServer = {
  readonly faults: unknown[];
  connect(query?: string, options?: SocketClientOptions): Promise<S2sClient>;
  /** Status of an upgrade that is refused. */
  refused(query: string, options?: SocketClientOptions): Promise<number>;
  close(): Promise<void>;
};

/** Speech to speech in the Waves dialect over calls that a test scripts. */
export async function startS2s(
  agent: Pick<SessionModel, 'admit'> & Partial<SessionModel>,
  { apiKey, ...options }: Partial<S2sOptions> & { readonly apiKey?: string } = {},
): Promise<S2sServer> {
  const http = fastify({ logger: false, forceCloseConnections: true });
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => void faults.push(error);
  const access = keyedAccess(apiKey);
  const sockets = new SocketRoutes({ router: new UpgradeRouter(http.server), access, ready: () => true, onFault });
  const defaults = { instructions: 'Sell coffee.', voices: ['heart', 'bella'] };
  await registerWaves(http, {
    sockets,
    access,
    onFault,
    clock,
    tokens: createTokens({ key: new Uint8Array(32) }),
    dictionaries: new PronunciationDictionaries(
      new Store({ databaseUrl: undefined, dataDir: '/nonexistent', onEvent: () => {} }),
    ),
    layers: () => {
      throw new ParleyError('There are no layers here.', { code: 'server.not_ready', status: 503 });
    },
    speechToSpeech: { agent: { noRoom: () => undefined, defaults, ...agent }, onFault, ...options },
  });
  await http.listen({ host: '127.0.0.1', port: 0 });
  const url = `ws://127.0.0.1:${(http.server.address() as AddressInfo).port}/waves/v1/s2s`;
  const clients: SocketClient[] = [];
  return {
    faults,
    async connect(query = '?model=hydra-v1.1', clientOptions) {
      const client = await openSocketClient(`${url}${query}`, clientOptions);
      clients.push(client);
      return {
        ...client,
        async configure(session = {}) {
          client.send({ type: 'session.configure', session });
          return client.next('session.configured');
        },
      };
    },
    refused: async (query, clientOptions) => (await refusalOf(`${url}${query}`, clientOptions)).status,
    async close() {
      for (const { socket } of clients) socket.terminate();
      await sockets.close();
      await http.close();
    },
  };
}

/** Base64 of so much PCM16 at 16 kHz. */
export function pcm16k(ms: number): string {
  return Buffer.alloc(ms * 32).toString('base64');
}
