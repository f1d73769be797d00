import type { IncomingMessage } from 'node:http';
import { WebSocketServer } from 'ws';
import { closeCodes } from '../../../channels/socket/bounded-socket.js';
import type { Access, Visit } from '../../../platform/access/access.js';
import { isShortLived } from '../../../platform/access/identify.js';
import type { Admit } from '../../../platform/admission-types.js';
import { ParleyError } from '../../../ports/errors.js';
import { credentialsOf, isForeignPage } from '../../access/credentials.js';
import { type Refusal, refuseUpgrade, usualAnswer } from '../../sockets/refuse-upgrade.js';
import { type Upgrade, UpgradeRouter, type UpgradeServer } from '../../sockets/upgrade-router.js';
import { type SessionUpdate, sessionSchema } from './client-events.js';
import { RealtimeConnection } from './connection.js';
import type { SessionDefaults } from './effective-session.js';
import { defaultRealtimeLimits, messageLimits, type RealtimeLimits } from './limits.js';
import { Resumptions, refuseResumption } from './resumptions.js';
import type { SessionModel } from './session-model.js';

const path = '/v1/realtime';
const subprotocol = 'realtime';

/** A client that was let in, and what its session begins with. */
type Entrance = { readonly visit: Visit; readonly session: SessionUpdate };

export type RealtimeOptions = {
  readonly admit: Admit;
  /** Who may open a session. */
  readonly access: Access;
  /** Whether calls can be taken; until then clients are told to come back. */
  readonly ready: () => boolean;
  /**
   * What a call would be refused for if it came now; clients are told so instead of being given a session.
   * @defaultValue nothing: they hear it from whoever admits calls
   */
  readonly noRoom?: () => ParleyError | undefined;
  /** Whether the server is about to end: clients are told so. @defaultValue never */
  readonly draining?: () => boolean;
  /** @defaultValue `defaultRealtimeLimits` */
  readonly limits?: Partial<RealtimeLimits>;
  /** What the default agent has where a session says nothing; only shown. */
  readonly defaults?: SessionDefaults;
  /** Realtime models that hold calls by themselves, by their names. @defaultValue none */
  readonly models?: () => ReadonlyMap<string, SessionModel>;
  /** Gets a fault of the server that ended a connection. */
  readonly onFault?: (error: unknown) => void;
};

export type RealtimeEndpoint = {
  /** Takes no more connections and ends those that are open. Idempotent. */
  close(): Promise<void>;
  connections(): number;
};

/**
 * Serves the OpenAI Realtime protocol at `/v1/realtime`.
 * @param where the sockets of a server, or a server that has no others
 */
export function attachRealtime(where: UpgradeRouter | UpgradeServer, options: RealtimeOptions): RealtimeEndpoint {
  const router = where instanceof UpgradeRouter ? where : new UpgradeRouter(where);
  const limits = { ...defaultRealtimeLimits, ...options.limits };
  const { admit, access, ready, draining = () => false, defaults = {}, onFault = () => {} } = options;
  const { noRoom = () => undefined, models = () => new Map<string, SessionModel>() } = options;
  const agent: SessionModel = { admit, noRoom, defaults };
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

  /** Lets a client in; a client secret says what its session begins with. */
  const enter = async (
    request: IncomingMessage,
    counts: boolean,
  ): Promise<Entrance | { readonly refusal: Refusal }> => {
    const credentials = credentialsOf(request);
    if (!access.required && isForeignPage(request) && !credentials.some(isShortLived)) return { refusal: foreignPage };
    try {
      const visit = await access.enter(credentials, 'converse', { counts });
      const session = sessionSchema.safeParse(visit.bound ?? {});
      if (session.success) return { visit, session: session.data };
      void visit.leave();
      return { refusal: unauthorized };
    } catch (error) {
      return { refusal: refusalOfAccess(error, onFault) };
    }
  };

  /** Who holds the call: what a client secret names, or else the client. Any other name is the agent's. */
  const modelOf = (url: URL, session?: SessionUpdate): { readonly model: SessionModel; readonly heldBy?: string } => {
    const name = session?.model ?? url.searchParams.get('model') ?? '';
    const model = models().get(name);
    return model ? { model, heldBy: name } : { model: agent };
  };

  const refusalOf = (url: URL, { headers }: IncomingMessage, session?: SessionUpdate): Refusal | undefined => {
    const { model, heldBy } = modelOf(url, session);
    if (url.searchParams.has('call_id')) return noSuchCall;
    const intent = url.searchParams.get('intent');
    if (intent !== null && intent !== 'transcription') return noIntent;
    if (heldBy !== undefined && (intent !== null || session?.type === 'transcription'))
      return noTranscriptionBy(heldBy);
    if (heldBy !== undefined && url.searchParams.get('resumable') === 'true') return notResumableWith(heldBy);
    if (closing || draining()) return goingAway;
    if (!ready()) return notReady;
    if (connections.size >= limits.maxConnections) return full;
    // A page is not shown how an upgrade was refused: it is given a session, and hears over it that there is no room.
    // Who only has speech written down makes no call.
    const error = headers.origin === undefined && intent === null ? model.noRoom() : undefined;
    return error && { status: error.status, code: error.code, message: error.message, headers: whenOneHasEnded };
  };

  const open = async ({ request, socket, head, url }: Upgrade): Promise<void> => {
    const token = url.searchParams.get('resume');
    const resumes = token !== null && !closing && refusing < limits.maxConnections;
    // A session that goes on has its place already, and one that is refused takes none.
    const early = resumes ? undefined : refusalOf(url, request);
    const entrance = await enter(request, !resumes && early === undefined);
    const refusal =
      'refusal' in entrance
        ? entrance.refusal
        : (early ?? (resumes ? undefined : refusalOf(url, request, entrance.session)));
    if ('refusal' in entrance || refusal || socket.destroyed) {
      if ('visit' in entrance) void entrance.visit.leave();
      if (refusal) refuseUpgrade(socket, usualAnswer(refusal));
      return;
    }
    socket.off('error', ignoreError);
    if (resumes) {
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
    const { visit, session } = entrance;
    const { model, heldBy } = modelOf(url, session);
    // An upgrade that fails has no connection whose end would end the visit.
    const abandoned = (): void => void visit.leave();
    socket.once('close', abandoned);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      socket.off('close', abandoned);
      const connection = new RealtimeConnection(webSocket, {
        model,
        heldBy,
        limits,
        initial: url.searchParams.get('intent') === 'transcription' ? { ...session, type: 'transcription' } : session,
        ...(url.searchParams.get('resumable') === 'true' ? { resumptions } : {}),
        onFault,
      });
      connections.add(connection);
      const counting = setInterval(() => void visit.use(connection.takeUsage()), limits.countUsageMs);
      void connection.closed.then(() => connections.delete(connection));
      void connection.settled().then(() => {
        clearInterval(counting);
        void visit.leave(connection.takeUsage());
      });
    });
  };

  const leavePath = router.on(path, (upgrade) => {
    // Nobody else listens to the socket before it is answered.
    upgrade.socket.on('error', ignoreError);
    void open(upgrade);
  });
  return {
    connections: () => connections.size,
    async close() {
      closing = true;
      const open = [...connections];
      for (const connection of open) connection.close(closeCodes.goingAway, 'the server is shutting down');
      await Promise.all(open.map(({ closed }) => closed));
      leavePath();
      if (router !== where) router.close();
      sockets.close();
    },
  };
}

const ignoreError = (): void => {};

function refusalOfAccess(error: unknown, onFault: (error: unknown) => void): Refusal {
  if (!ParleyError.isInstance(error)) {
    onFault(error);
    return { status: 500, code: 'internal_error', message: 'A fault of the server.' };
  }
  if (error.code === 'access.unauthorized') return unauthorized;
  if (error.code === 'access.expired') return expiredSecret;
  const { status, message, retryAfterMs } = error;
  const headers = retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) };
  return { status, code: error.code, message, headers };
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
  message:
    'Without a key only pages of this server may open a session; make a key with "parley keys create" and send it.',
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

function noTranscriptionBy(model: string): Refusal {
  return {
    status: 400,
    code: 'parley.not_supported',
    message: `${model} holds conversations; leave "model" out for a session that only writes down what is said.`,
  };
}

function notResumableWith(model: string): Refusal {
  return {
    status: 400,
    code: 'parley.not_supported',
    message: `A session with ${model} cannot be resumed: it would go on speaking to nobody. Leave "resumable" out.`,
  };
}

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

/** Calls last for minutes, and some of many end in any few seconds. */
const whenOneHasEnded = { 'Retry-After': '5' };

const full: Refusal = {
  status: 503,
  code: 'server.connections_full',
  message: 'The server has as many connections as it can bear; try again later.',
  headers: whenOneHasEnded,
};
