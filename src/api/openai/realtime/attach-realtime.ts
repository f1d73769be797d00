import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { closeCodes } from '../../../channels/socket/bounded-socket.js';
import type { Admit } from '../../../platform/admission-types.js';
import type { ClientSecrets } from '../../../platform/client-secrets.js';
import { clientSecretOf, isAuthorized, isForeignPage } from './authorize.js';
import { type SessionUpdate, sessionSchema } from './client-events.js';
import { RealtimeConnection } from './connection.js';
import type { SessionDefaults } from './effective-session.js';
import { defaultRealtimeLimits, messageLimits, type RealtimeLimits } from './limits.js';
import { type Refusal, refuseUpgrade } from './refuse-upgrade.js';
import { Resumptions, refuseResumption } from './resumptions.js';

const path = '/v1/realtime';
const subprotocol = 'realtime';

type Server = HttpServer | HttpsServer;

export type RealtimeOptions = {
  readonly admit: Admit;
  /** Clients must carry this key. @defaultValue no key is asked for */
  readonly apiKey?: string;
  /** Opens what clients carry instead of the key. @defaultValue client secrets are not accepted */
  readonly secrets?: ClientSecrets;
  /** Whether calls can be taken; until then clients are told to come back. */
  readonly ready: () => boolean;
  /** Whether the server is about to end: clients are told so. @defaultValue never */
  readonly draining?: () => boolean;
  /** @defaultValue `defaultRealtimeLimits` */
  readonly limits?: Partial<RealtimeLimits>;
  /** What the default agent has where a session says nothing; only shown. */
  readonly defaults?: SessionDefaults;
  /** Gets a fault of the server that ended a connection. */
  readonly onFault?: (error: unknown) => void;
};

export type RealtimeEndpoint = {
  /** Takes no more connections and ends those that are open. Idempotent. */
  close(): Promise<void>;
  connections(): number;
};

/**
 * Serves the OpenAI Realtime protocol at `/v1/realtime` of an HTTP server (or of what has one, such as a Fastify
 * instance). Upgrades of other paths are left to other listeners, and refused when there are none.
 */
export function attachRealtime(
  server: Server | { readonly server: Server },
  options: RealtimeOptions,
): RealtimeEndpoint {
  const http = 'server' in server ? server.server : server;
  const limits = { ...defaultRealtimeLimits, ...options.limits };
  const { admit, apiKey, secrets, ready, draining = () => false, defaults = {}, onFault = () => {} } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Base64 audio hardly shrinks, and each connection would hold memory for it.
    perMessageDeflate: false,
    maxPayload: messageLimits.maxMessageBytes,
    maxFragments: messageLimits.maxFragments,
    maxBufferedChunks: messageLimits.maxChunks,
    // Thousands of tiny messages in one packet must not hold up everybody else.
    allowSynchronousEvents: false,
    // Answers are bounded by `BoundedSocket`, like everything else that is sent.
    autoPong: false,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  });
  const connections = new Set<RealtimeConnection>();
  const resumptions = new Resumptions<RealtimeConnection>();
  let closing = false;
  /** Sockets that are told that there is nothing to resume. */
  let refusing = 0;

  /** What a client secret says the session begins with; empty for a client that needs none. */
  const entranceOf = (
    request: IncomingMessage,
  ): { readonly session: SessionUpdate } | { readonly refusal: Refusal } => {
    const secret = secrets && clientSecretOf(request);
    if (secrets && secret !== undefined) {
      const opened = secrets.open(secret);
      if ('problem' in opened) return { refusal: opened.problem === 'expired' ? expiredSecret : unauthorized };
      const session = sessionSchema.safeParse(opened.bound);
      return session.success ? { session: session.data } : { refusal: unauthorized };
    }
    if (apiKey === undefined) return isForeignPage(request) ? { refusal: foreignPage } : { session: {} };
    return isAuthorized(request, apiKey) ? { session: {} } : { refusal: unauthorized };
  };

  const refusalOf = (url: URL): Refusal | undefined => {
    if (url.searchParams.has('call_id')) return noSuchCall;
    const intent = url.searchParams.get('intent');
    if (intent !== null && intent !== 'transcription') return noIntent;
    if (closing || draining()) return goingAway;
    if (!ready()) return notReady;
    return connections.size >= limits.maxConnections ? full : undefined;
  };

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const url = urlOf(request);
    if (url?.pathname !== path) {
      if (http.listenerCount('upgrade') === 1) refuseUpgrade(socket, notFound);
      return;
    }
    const entrance = entranceOf(request);
    if ('refusal' in entrance) {
      refuseUpgrade(socket, entrance.refusal);
      return;
    }
    const token = url.searchParams.get('resume');
    if (token !== null && !closing && refusing < limits.maxConnections) {
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = resumptions.take(token);
        if (connection) connection.resume(webSocket, url.searchParams.get('after') ?? undefined);
        else {
          refusing += 1;
          void refuseResumption(webSocket, limits.closeTimeoutMs).then(() => {
            refusing -= 1;
          });
        }
      });
      return;
    }
    const refusal = refusalOf(url);
    if (refusal) {
      refuseUpgrade(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new RealtimeConnection(webSocket, {
        admit,
        limits,
        defaults,
        initial:
          url.searchParams.get('intent') === 'transcription'
            ? { ...entrance.session, type: 'transcription' }
            : entrance.session,
        ...(url.searchParams.get('resumable') === 'true' ? { resumptions } : {}),
        onFault,
      });
      connections.add(connection);
      void connection.closed.then(() => connections.delete(connection));
    });
  };

  http.on('upgrade', onUpgrade);
  return {
    connections: () => connections.size,
    async close() {
      closing = true;
      const open = [...connections];
      for (const connection of open) connection.close(closeCodes.goingAway, 'the server is shutting down');
      await Promise.all(open.map(({ closed }) => closed));
      http.off('upgrade', onUpgrade);
      sockets.close();
    },
  };
}

function urlOf({ url }: IncomingMessage): URL | undefined {
  const relative = url?.startsWith('/') ? `http://server${url}` : '';
  return URL.canParse(relative) ? new URL(relative) : undefined;
}

const unauthorized: Refusal = {
  status: 401,
  code: 'invalid_api_key',
  message: 'The key is missing or wrong; send it as "Authorization: Bearer KEY".',
  headers: { 'WWW-Authenticate': 'Bearer' },
};

const expiredSecret: Refusal = {
  status: 401,
  code: 'client_secret_expired',
  message: 'The client secret has expired; get another one with POST /v1/realtime/client_secrets.',
  headers: { 'WWW-Authenticate': 'Bearer' },
};

const foreignPage: Refusal = {
  status: 403,
  code: 'origin_not_allowed',
  message: 'Without a key only pages of this server may open a session; set PARLEY_API_KEY and send it.',
};

const notFound: Refusal = {
  status: 404,
  code: 'not_found',
  message: `Nothing is served as a socket here; realtime sessions are at ${path}.`,
};

const noSuchCall: Refusal = {
  status: 404,
  code: 'call_not_found',
  message: 'There is no such call; sessions beside a call are not offered.',
};

const noIntent: Refusal = {
  status: 400,
  code: 'parley.not_supported',
  message: 'The only intent of a session is "transcription"; leave "intent" out for a conversation.',
};

const notReady: Refusal = {
  status: 503,
  code: 'server.not_ready',
  message: 'The server is not ready to take calls; GET /ready says when it is.',
  headers: { 'Retry-After': '2' },
};

const goingAway: Refusal = {
  status: 503,
  code: 'server.draining',
  message: 'The server is shutting down and takes no new calls.',
  headers: { 'Retry-After': '10' },
};

const full: Refusal = {
  status: 503,
  code: 'server.connections_full',
  message: 'The server has as many connections as it can bear; try again later.',
  headers: { 'Retry-After': '5' },
};
