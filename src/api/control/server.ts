import fastify, { type FastifyInstance } from 'fastify';
import type { ModelsInUse } from '../../platform/models-in-use.js';
import type { Readiness } from '../../platform/readiness.js';
import { serveStudio } from './studio-files.js';

export type ControlServerOptions = {
  readonly readiness: Readiness;
  /** @defaultValue none is named */
  readonly models?: ModelsInUse;
  /** Whether connections must carry a key; the studio then asks for it. @defaultValue false */
  readonly keyRequired?: boolean;
};

/** HTTP: health, readiness, status and the studio at `/`. Sockets are attached to its server by the dialects. */
export async function createControlServer(options: ControlServerOptions): Promise<FastifyInstance> {
  const { readiness, models, keyRequired = false } = options;
  const server = fastify({ logger: false, bodyLimit: 1024 * 1024, forceCloseConnections: true });
  server.get('/health', async () => ({ status: 'alive' }));
  server.get('/ready', async (_request, reply) => {
    if (!readiness.ready) reply.code(503).header('retry-after', '2');
    return readinessView(readiness);
  });
  // Always 200: it tells how things are, where `/ready` says whether to send calls.
  server.get('/v1/parley/status', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return {
      ...readinessView(readiness),
      key_required: keyRequired,
      models: (models?.view() ?? []).map(({ receivedBytes, ...model }) => ({
        ...model,
        received_bytes: receivedBytes,
      })),
    };
  });
  await serveStudio(server);
  return server;
}

function readinessView(readiness: Readiness): Readonly<Record<string, unknown>> {
  if (readiness.ready) return { status: 'ready' };
  return readiness.failure === undefined
    ? { status: 'loading', loading: readiness.loading }
    : { status: 'failed', reason: readiness.failure };
}
