import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { closeCodes } from '../../channels/socket/bounded-socket.js';
import type { Access, Scope, Visit } from '../../platform/access/access.js';
import { isShortLived } from '../../platform/access/identify.js';
import { ParleyError } from '../../ports/errors.js';
import { assertOwnPage, credentialsOf } from '../access/credentials.js';
import { defaultSocketLimits, type SocketLimits } from './limits.js';
import { refuseUpgrade, type UpgradeAnswer, usualAnswer } from './refuse-upgrade.js';
import { type IdleClose, SocketSession } from './socket-session.js';
import type { Upgrade, UpgradeRouter } from './upgrade-router.js';

export type SocketRoute<Checked = void> = {
  /** All of the path, as in `/v1/listen`. */
  readonly path: string;
  readonly scope: Scope;
  /**
   * What a client sends to show who it is, from wherever its dialect has it.
   * @defaultValue a bearer token, the header `api-key` or OpenAI's subprotocol
   */
  readonly credentials?: (request: IncomingMessage, url: URL) => readonly string[];
  /** Subprotocols that are answered when they are offered, the first one before the others. @defaultValue none */
  readonly subprotocols?: readonly string[];
  /** Headers of the answer to an upgrade that is taken. @param id of the session */
  readonly headers?: (id: string, checked: Checked) => Readonly<Record<string, string>>;
  /** An upgrade that is refused, in the form of the dialect. @defaultValue OpenAI's form, with the error's status */
  readonly refuse?: (error: ParleyError, id: string) => UpgradeAnswer;
  /**
   * Looks at the request before it becomes a socket.
   * @throws ParleyError it is refused, with the error's status
   */
  readonly check?: (url: URL, headers: IncomingHttpHeaders) => Checked;
  /** How a client is told that it has said nothing for too long. @defaultValue 1008 */
  readonly idleClose?: IdleClose;
  /** Limits in place of the usual ones, but for `maxConnections`. */
  readonly limits?: Partial<Omit<SocketLimits, 'maxConnections'>>;
  /**
   * Serves one client. The socket is closed with 1000 when it resolves, and with the error's code and message when it
   * rejects; it is to come to an end when `session.signal` aborts, with or without an error.
   */
  readonly onOpen: (session: SocketSession, checked: Checked) => Promise<void>;
};

export type SocketRoutesOptions = {
  readonly router: UpgradeRouter;
  readonly access: Access;
  /** Whether clients can be served; until then they are told to come back. */
  readonly ready: () => boolean;
  /** Whether the server is about to end: clients are told so. @defaultValue never */
  readonly draining?: () => boolean;
  /** @defaultValue `defaultSocketLimits` */
  readonly limits?: Partial<SocketLimits>;
  /** Gets faults of the server, of which clients are told no more than that there was one. */
  readonly onFault: (error: unknown) => void;
};

/** Sockets of every dialect: who is let in, how many, and what becomes of them when the server ends. */
export class SocketRoutes {
  readonly #options: SocketRoutesOptions;
  readonly #limits: SocketLimits;
  readonly #sessions = new Set<SocketSession>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #closers: (() => void)[] = [];
  #opening = 0;
  #closing = false;

  constructor(options: SocketRoutesOptions) {
    this.#options = options;
    this.#limits = { ...defaultSocketLimits, ...options.limits };
  }

  get connections(): number {
    return this.#sessions.size;
  }

  /** Serves one path. */
  route<Checked = void>(route: SocketRoute<Checked>): void {
    const limits = { ...this.#limits, ...route.limits };
    const { subprotocols = [] } = route;
    const sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Base64 audio hardly shrinks, and each connection would hold memory for it.
      perMessageDeflate: false,
      maxPayload: limits.maxMessageBytes,
      maxFragments: limits.maxFragments,
      maxBufferedChunks: limits.maxChunks,
      // Thousands of tiny messages in one packet must not hold up everybody else.
      allowSynchronousEvents: false,
      // Answers are bounded by `BoundedSocket`, like everything else that is sent.
      autoPong: false,
      handleProtocols: (offered) => subprotocols.find((name) => offered.has(name)) ?? false,
    });
    const leavePath = this.#options.router.on(route.path, (upgrade) => {
      // Nobody else listens to the socket before it is answered.
      upgrade.socket.on('error', ignoreError);
      void this.#open(upgrade, { route, limits, sockets });
    });
    this.#closers.push(() => {
      leavePath();
      sockets.close();
    });
  }

  /** Waits for what is under way, so long at most. No new sessions are taken once the server is draining. */
  async drain(withinMs: number): Promise<void> {
    const ended = Promise.all([...this.#sessions].map(({ closed }) => closed));
    let late: NodeJS.Timeout | undefined;
    await Promise.race([
      ended,
      new Promise((resolve) => {
        late = setTimeout(resolve, withinMs);
      }),
    ]);
    clearTimeout(late);
  }

  /** Takes no more connections and ends those that are open; resolves when what they used has been counted. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true;
    const open = [...this.#sessions];
    for (const session of open) session.close(closeCodes.goingAway, 'the server is shutting down');
    await Promise.all(open.map(({ closed }) => closed));
    await Promise.all(this.#leaving);
    for (const closer of this.#closers.splice(0)) closer();
  }

  async #open<Checked>(upgrade: Upgrade, means: RouteMeans<Checked>): Promise<void> {
    const { request, socket, head, url } = upgrade;
    const { route, sockets } = means;
    const id = randomUUID();
    let visit: Visit | undefined;
    let checked: Checked;
    this.#opening += 1;
    try {
      visit = await this.#enter(upgrade, route);
      checked = route.check?.(url, request.headers) as Checked;
    } catch (error) {
      void visit?.leave().catch(this.#options.onFault);
      this.#refuse(upgrade, { route, id, error });
      return;
    } finally {
      this.#opening -= 1;
    }
    // An upgrade that fails has no session whose end would end the visit.
    const abandoned = (): void => void visit.leave().catch(this.#options.onFault);
    if (socket.destroyed || this.#closing) {
      abandoned();
      socket.destroy();
      return;
    }
    socket.off('error', ignoreError);
    socket.once('close', abandoned);
    const onHeaders = (lines: string[]): void => {
      for (const [name, value] of Object.entries(route.headers?.(id, checked) ?? {})) lines.push(`${name}: ${value}`);
    };
    // The headers are written, and the callback called, before `handleUpgrade` returns.
    sockets.once('headers', onHeaders);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      socket.off('close', abandoned);
      this.#serve(webSocket, { ...means, upgrade, id, visit, checked });
    });
    sockets.off('headers', onHeaders);
  }

  /** @throws ParleyError why the client may not come in */
  async #enter<Checked>({ request, url }: Upgrade, route: SocketRoute<Checked>): Promise<Visit> {
    const { access } = this.#options;
    const credentials = (route.credentials ?? credentialsOf)(request, url);
    if (!credentials.some(isShortLived)) assertOwnPage(access, request);
    const early = this.#noRoom();
    const visit = await access.enter(credentials, route.scope, { counts: early === undefined });
    const problem = early ?? this.#noRoom();
    if (!problem) return visit;
    void visit.leave().catch(this.#options.onFault);
    throw problem;
  }

  #noRoom(): ParleyError | undefined {
    const { ready, draining = () => false } = this.#options;
    if (this.#closing || draining()) return unavailable(goingAway);
    if (!ready()) return unavailable(notReady);
    return this.#sessions.size + this.#opening > this.#limits.maxConnections ? unavailable(full) : undefined;
  }

  #refuse<Checked>({ socket }: Upgrade, { route, id, error }: Refused<Checked>): void {
    const known = ParleyError.isInstance(error);
    if (!known) this.#options.onFault(error);
    const problem = known
      ? error
      : new ParleyError('A fault of the server.', { code: 'internal_error', status: 500, cause: error });
    const { headers, ...answer } = route.refuse?.(problem, id) ?? usualAnswer(problem);
    const { status, retryAfterMs } = problem;
    refuseUpgrade(socket, {
      ...answer,
      headers: {
        ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
        ...(retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) }),
        ...headers,
      },
    });
  }

  #serve<Checked>(webSocket: WebSocket, opened: Opened<Checked>): void {
    const { route, limits, upgrade, id, visit, checked } = opened;
    const { onFault } = this.#options;
    const { url, request } = upgrade;
    const session = new SocketSession(webSocket, {
      id,
      url,
      headers: request.headers,
      visit,
      limits,
      idleClose: route.idleClose,
      onFault,
    });
    this.#sessions.add(session);
    const served = this.#run(session, () => route.onOpen(session, checked));
    const leaving = session.closed
      .then(() => {
        this.#sessions.delete(session);
        return session.leave(served);
      })
      .catch(onFault)
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  async #run(session: SocketSession, serve: () => Promise<void>): Promise<void> {
    try {
      await serve();
      session.close();
    } catch (error) {
      // Whatever was under way for a client that has gone has failed for that reason.
      if (session.signal.aborted) return;
      if (!ParleyError.isInstance(error) || (error.status >= 500 && error.status !== 503)) this.#options.onFault(error);
      session.fail(error);
    }
  }
}

type RouteMeans<Checked> = {
  readonly route: SocketRoute<Checked>;
  readonly limits: SocketLimits;
  readonly sockets: WebSocketServer;
};

type Refused<Checked> = { readonly route: SocketRoute<Checked>; readonly id: string; readonly error: unknown };

type Opened<Checked> = RouteMeans<Checked> & {
  readonly upgrade: Upgrade;
  readonly id: string;
  readonly visit: Visit;
  readonly checked: Checked;
};

const ignoreError = (): void => {};

type Unavailable = { readonly code: string; readonly message: string; readonly retryAfterMs: number };

const notReady: Unavailable = {
  code: 'server.not_ready',
  message: 'The server is still loading; GET /ready says when it is ready.',
  retryAfterMs: 2_000,
};
const goingAway: Unavailable = {
  code: 'server.draining',
  message: 'The server is shutting down and takes no new connections.',
  retryAfterMs: 10_000,
};
const full: Unavailable = {
  code: 'server.connections_full',
  message: 'The server has as many connections as it can bear; try again later.',
  retryAfterMs: 5_000,
};

function unavailable({ code, message, retryAfterMs }: Unavailable): ParleyError {
  return new ParleyError(message, { code, status: 503, retryable: true, retryAfterMs });
}
