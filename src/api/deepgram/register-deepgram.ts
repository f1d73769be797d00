import { randomUUID } from 'node:crypto';
import type { FastifyInstance, RawServerBase } from 'fastify';
import { isShortLived } from '../../platform/access/identify.js';
import type { Tokens } from '../../platform/keys/tokens.js';
import type { Layers } from '../../platform/layers/layers.js';
import { Slots } from '../../platform/layers/slots.js';
import type { Clock } from '../../ports/clock.js';
import { readJsonBodies } from '../http/json-body.js';
import { requestLimits } from '../http/limits.js';
import { type Door, visiting } from '../http/visit.js';
import type { SocketRoutes } from '../sockets/socket-routes.js';
import { grantRoute } from './auth/grant-route.js';
import { deepgramCredentials } from './credentials.js';
import { deepgramError } from './deepgram-error.js';
import { fluxSocket } from './flux/flux-socket.js';
import { batchListenRoute } from './listen/batch-route.js';
import { liveListenSocket } from './listen/live-socket.js';
import type { DeepgramRoute } from './routes.js';
import { speakRoute } from './speak/speak-route.js';
import { speakSocket } from './speak/speak-socket.js';

export type DeepgramOptions = Door & {
  /** @throws ParleyError `server.not_ready` (503) */
  readonly layers: () => Layers;
  readonly clock: Clock;
  readonly sockets: SocketRoutes;
  readonly tokens: Tokens;
  /** Whether recordings may be fetched from this computer and its network. @defaultValue false */
  readonly fetchPrivate?: boolean;
};

export const deepgramRoutes: readonly DeepgramRoute[] = [batchListenRoute, speakRoute, grantRoute];

/** Deepgram's API: transcription of files and live, transcription by turns (Flux), speech, and tokens. */
export async function registerDeepgram<Raw extends RawServerBase>(
  server: FastifyInstance<Raw>,
  { layers, clock, sockets, tokens, fetchPrivate = false, ...door }: DeepgramOptions,
): Promise<void> {
  const { onFault, access } = door;
  const waiting = requestLimits.maxWaitingUploads;
  const uploads = new Slots({ clock, what: 'uploads', atOnce: requestLimits.maxUploads, waiting, waitMs: 30_000 });
  const decodings = new Slots({ clock, what: 'files', atOnce: 1, waiting: requestLimits.maxUploads, waitMs: 120_000 });
  sockets.route(liveListenSocket({ layers, onFault }));
  sockets.route(fluxSocket({ layers, onFault }));
  sockets.route(speakSocket({ layers, onFault }));
  await server.register(async (scope) => {
    readJsonBodies(scope);
    scope.removeContentTypeParser('text/plain');
    // Any other body is a recording, which is read when somebody has been let in.
    scope.addContentTypeParser('*', (_request, body, done) => done(null, body));
    scope.addHook('onRequest', async (_request, reply) => {
      reply.header('dg-request-id', randomUUID());
    });
    scope.setErrorHandler((error, _request, reply) => {
      const { status, headers, body } = deepgramError(error, String(reply.getHeader('dg-request-id')));
      if (status >= 500 && status !== 503) onFault(error);
      return reply.code(status).headers(headers).type('application/json; charset=utf-8').send(body);
    });
    for (const { method, path, scope: needed, shortLived = true, handle } of deepgramRoutes)
      scope.route({
        method,
        url: path,
        handler: (request, reply) => {
          const given = deepgramCredentials(request.raw);
          const credentials = given.filter((each) => shortLived || !isShortLived(each));
          return visiting({ request, reply, door, scope: needed, credentials }, (visit) =>
            handle({
              request,
              reply,
              requestId: String(reply.getHeader('dg-request-id')),
              url: new URL(request.url, 'http://server'),
              layers: layers(),
              visit,
              uploads,
              decodings,
              fetchPrivate,
              access,
              tokens,
              credentials,
            }),
          );
        },
      });
  });
}
