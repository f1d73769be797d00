import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastify, { type FastifyInstance } from 'fastify';
import type { Readiness } from '../../platform/readiness.js';

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

/** HTTP: health, readiness and the page at `/`. Sockets are attached to its server by the dialects. */
export async function createControlServer(options: { readonly readiness: Readiness }): Promise<FastifyInstance> {
  const { readiness } = options;
  const server = fastify({ logger: false, bodyLimit: 1024 * 1024, forceCloseConnections: true });
  server.get('/health', async () => ({ status: 'alive' }));
  server.get('/ready', async (_request, reply) => {
    if (readiness.ready) return { ...condition(readiness), ...(readiness.expect ? { expect: readiness.expect } : {}) };
    reply.code(503).header('retry-after', '2');
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
