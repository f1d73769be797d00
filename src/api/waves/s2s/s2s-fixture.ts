import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { type ClientOptions, WebSocket } from 'ws';
import { systemClock as clock } from '../../../observability/system-clock.js';
import { keyedAccess } from '../../../platform/access/keyed-access-fixture.js';
import { createTokens } from '../../../platform/keys/tokens.js';
import { PronunciationDictionaries } from '../../../platform/pronunciations/dictionaries.js';
import { ParleyError } from '../../../ports/errors.js';
import { Store } from '../../../store/store.js';
import type { SessionModel } from '../../openai/realtime/session-model.js';
import { SocketRoutes } from '../../sockets/socket-routes.js';
import { UpgradeRouter } from '../../sockets/upgrade-router.js';
import { registerWaves } from '../common/register-waves.js';
import type { S2sOptions } from './s2s-socket.js';

export type SeenEvent = Readonly<Record<string, unknown>> & { readonly type: string };

export type S2sClient = {
  readonly socket: WebSocket;
  readonly events: readonly SeenEvent[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  send(event: object): void;
  /** Configures the session and waits until that is in effect. */
  configure(session?: object): Promise<SeenEvent>;
  /** The next event of this type that no earlier call has returned. */
  next(type: string): Promise<SeenEvent>;
};

export type S2sServer = {
  readonly faults: unknown[];
  connect(query?: string, options?: ClientOptions): Promise<S2sClient>;
  /** Status of an upgrade that is refused. */
  refused(query: string, options?: ClientOptions): Promise<number>;
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
  const clients: S2sClient[] = [];
  return {
    faults,
    async connect(query = '?model=hydra-v1.1', clientOptions = {}) {
      const client = await openClient(new WebSocket(`${url}${query}`, clientOptions));
      clients.push(client);
      return client;
    },
    refused(query, clientOptions = {}) {
      const socket = new WebSocket(`${url}${query}`, clientOptions);
      return new Promise((resolve, reject) => {
        socket.once('open', () => reject(new Error('it was not refused')));
        socket.once('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode));
        socket.on('error', () => {});
      });
    },
    async close() {
      for (const { socket } of clients) socket.terminate();
      await sockets.close();
      await http.close();
    },
  };
}

async function openClient(socket: WebSocket): Promise<S2sClient> {
  const events: SeenEvent[] = [];
  const returned = new Set<SeenEvent>();
  let wake = (): void => {};
  socket.on('message', (data: Buffer) => {
    events.push(JSON.parse(data.toString()) as SeenEvent);
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  const next = async (type: string): Promise<SeenEvent> => {
    for (;;) {
      const found = events.find((event) => event.type === type && !returned.has(event));
      if (found) {
        returned.add(found);
        return found;
      }
      if (socket.readyState === WebSocket.CLOSED)
        throw new Error(`closed before ${type}; it had sent ${JSON.stringify(events)}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const send = (event: object): void => socket.send(JSON.stringify(event));
  return {
    socket,
    events,
    closed,
    send,
    next,
    async configure(session = {}) {
      send({ type: 'session.configure', session });
      return next('session.configured');
    },
  };
}

/** Base64 of so much PCM16 at 16 kHz. */
export function pcm16k(ms: number): string {
  return Buffer.alloc(ms * 32).toString('base64');
}
