import { readdir, readFile } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastify, { type FastifyInstance } from 'fastify';
import type { Readiness } from '../../platform/readiness.js';
import { defaultHttpLimits, type HttpLimits } from './http-limits.js';

/** The talk page, as it is in the package. */
const pageDir = fileURLToPath(new URL('../../../assets/page/', import.meta.url));

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page loads what this server gives it, and nothing else. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'";

/** An HTTP server, with TLS or without: the surfaces are the same. */
export type ControlServer = FastifyInstance<HttpServer | HttpsServer>;

export type ControlServerOptions = {
  readonly readiness: Readiness;
  /** Certificate and key, PEM. @defaultValue plain HTTP */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** @defaultValue `defaultHttpLimits` */
  readonly limits?: Partial<HttpLimits>;
};

/** HTTP: health, readiness and the page at `/`. Sockets are attached to its server by the dialects. */
export async function createControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { readiness, tls } = options;
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
  server.get('/health', async () => ({ status: 'alive' }));
  server.get('/ready', async (_request, reply) => {
    if (readiness.ready) return { ...condition(readiness), ...(readiness.expect ? { expect: readiness.expect } : {}) };
    reply.code(503).header('retry-after', '2');
    if (readiness.failure === undefined && readiness.draining) return { status: 'draining' };
    return readiness.failure === undefined
      ? { status: 'loading', loading: readiness.loading }
      : { status: 'failed', reason: readiness.failure };
  });
  for (const name of await readdir(pageDir)) {
    const type = contentTypes[extname(name)];
    if (!type) continue;
    const body = await readFile(new URL(name, `file://${pageDir}`));
    server.get(name === 'index.html' ? '/' : `/${name}`, (_request, reply) =>
      reply
        .header('content-type', type)
        .header('cache-control', 'no-cache')
        .header('content-security-policy', contentSecurityPolicy)
        .header('x-content-type-options', 'nosniff')
        .send(body),
    );
  }
  return server;
}

/** Degraded is ready all the same: engines that are being restarted are back in a moment, and calls go on meanwhile. */
function condition({ restarting }: Readiness) {
  return restarting.length === 0 ? { status: 'ready' } : { status: 'degraded', restarting };
}
