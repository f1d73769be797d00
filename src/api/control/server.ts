import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import fastify, { type FastifyInstance } from 'fastify';
import type { Access } from '../../platform/access/access.js';
import type { ModelsInUse } from '../../platform/models-in-use.js';
import type { Readiness } from '../../platform/readiness.js';
import { ParleyError } from '../../ports/errors.js';
import { credentialsOf } from '../access/credentials.js';
import { answerError } from '../access/guarded.js';
import { noteRoutes, openRoute, type ServedRoute } from '../access/open-route.js';
import { defaultHttpLimits, type HttpLimits } from './http-limits.js';
import { serveStudio } from './studio-files.js';

export type ControlServerOptions = {
  readonly readiness: Readiness;
  readonly models: ModelsInUse;
  /** Who is told how things are. Where a credential is asked for, the studio asks for it too. */
  readonly access: Access;
  /** Certificate and key, PEM. @defaultValue plain HTTP */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Every route is noted here as it is registered. @defaultValue nowhere */
  readonly routes?: ServedRoute[];
  /** @defaultValue `defaultHttpLimits` */
  readonly limits?: Partial<HttpLimits>;
};

/** An HTTP server, with TLS or without: the surfaces are the same. */
export type ControlServer = FastifyInstance<HttpServer | HttpsServer>;

/** HTTP: health, readiness, status and the studio at `/`. Sockets are attached to its server by the dialects. */
export async function createControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { readiness, models, access, tls } = options;
  const limits = { ...defaultHttpLimits, ...options.limits };
  const common = {
    logger: false,
    forceCloseConnections: true,
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.idleMs,
    keepAliveTimeout: limits.keepAliveMs,
  } as const;
  const parser = {
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    maxHeaderSize: limits.maxHeaderBytes,
  };
  const server = (
    tls
      ? fastify({ ...common, https: { ...parser, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' } })
      : fastify({ ...common, http: parser })
  ) as ControlServer;
  server.server.maxConnections = limits.maxConnections;
  if (options.routes) server.addHook('onRoute', noteRoutes(options.routes));
  server.get('/health', openRoute, async () => ({ status: 'alive' }));
  server.get('/ready', openRoute, async (_request, reply) => {
    if (!readiness.ready) reply.code(503).header('retry-after', '2');
    return readinessView(readiness);
  });
  // 200 to whoever is let in: it tells how things are, where `/ready` says whether to send calls.
  server.get('/v1/parley/status', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    try {
      await access.enter(credentialsOf(request.raw), 'any', { counts: false });
    } catch (error) {
      if (!ParleyError.isInstance(error)) throw error;
      return answerError(error, reply);
    }
    return {
      ...readinessView(readiness),
      key_required: access.required,
      models: models.view().map(({ receivedBytes, ...model }) => ({ ...model, received_bytes: receivedBytes })),
    };
  });
  await serveStudio(server);
  return server;
}

function readinessView(readiness: Readiness): Readonly<Record<string, unknown>> {
  if (readiness.ready) return { ...condition(readiness), ...(readiness.expect ? { expect: readiness.expect } : {}) };
  if (readiness.failure !== undefined) return { status: 'failed', reason: readiness.failure };
  return readiness.draining ? { status: 'draining' } : { status: 'loading', loading: readiness.loading };
}

/** Degraded is ready all the same: engines that are being restarted are back in a moment, and calls go on meanwhile. */
function condition({ restarting }: Readiness): Readonly<Record<string, unknown>> {
  return restarting.length === 0 ? { status: 'ready' } : { status: 'degraded', restarting };
}
