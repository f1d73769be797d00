import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest, RawServerBase } from 'fastify';
import { isShortLived } from '../../../platform/access/identify.js';
import type { Tokens } from '../../../platform/keys/tokens.js';
import type { Layers } from '../../../platform/layers/layers.js';
import { Slots } from '../../../platform/layers/slots.js';
import type { PronunciationDictionaries } from '../../../platform/pronunciations/dictionaries.js';
import type { Clock } from '../../../ports/clock.js';
import { ParleyError } from '../../../ports/errors.js';
import { credentialsOf } from '../../access/credentials.js';
import { readJsonBodies } from '../../http/json-body.js';
import { requestLimits } from '../../http/limits.js';
import { type Door, visiting } from '../../http/visit.js';
import type { SocketRoutes } from '../../sockets/socket-routes.js';
import { type S2sOptions, s2sSocket } from '../s2s/s2s-socket.js';
import { identified } from './correlation.js';
import { mountSocket } from './socket-mount.js';
import { wavesError } from './waves-error.js';
import { wavesMounts } from './waves-mounts.js';
import type { WavesRoute, WavesServices } from './waves-route.js';
import { mountSockets, wavesRoutes } from './waves-routes.js';

export type WavesOptions = Door & {
  /** @throws ParleyError `server.not_ready` (503) */
  readonly layers: () => Layers;
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly dictionaries: PronunciationDictionaries;
  readonly sockets: SocketRoutes;
  /** Whether recordings may be read from addresses of this computer and its network. @defaultValue false */
  readonly fetchPrivate?: boolean;
  /** Who holds calls over one socket. @defaultValue nobody: there is no such socket */
  readonly speechToSpeech?: S2sOptions;
};

/** Smallest.ai's Waves API over the layers of this server. */
export async function registerWaves<Raw extends RawServerBase>(
  server: FastifyInstance<Raw>,
  { layers, clock, tokens, dictionaries, sockets, fetchPrivate = false, speechToSpeech, ...door }: WavesOptions,
): Promise<void> {
  const waiting = requestLimits.maxWaitingUploads;
  const services: WavesServices = {
    access: door.access,
    clock,
    tokens,
    layers,
    dictionaries,
    fetchPrivate,
    uploads: new Slots({ clock, what: 'uploads', atOnce: requestLimits.maxUploads, waiting, waitMs: 30_000 }),
    decodings: new Slots({ clock, what: 'files', atOnce: 1, waiting: requestLimits.maxUploads, waitMs: 120_000 }),
  };
  mountSockets(sockets, services);
  if (speechToSpeech) mountSocket(sockets, services, s2sSocket(speechToSpeech));
  await server.register(async (scope) => {
    readJsonBodies(scope);
    await scope.register(multipart);
    // Audio is read by the route that it is for; others never read it.
    scope.addContentTypeParser('*', (_request, body, done) => done(null, body));
    for (const route of wavesRoutes)
      for (const url of urlsOf(route))
        scope.route({
          method: route.method,
          url,
          errorHandler: (error, request, reply) => {
            const requestId = identified(request, reply);
            const { status, headers, body } = (route.errorOf ?? wavesError)(error, requestId);
            if (status >= 500 && status !== 501 && status !== 503) door.onFault(error);
            return reply.code(status).headers(headers).type('application/json; charset=utf-8').send(body);
          },
          handler: (request, reply) => answer(route, request, reply, { services, door }),
        });
  });
}

async function answer(
  route: WavesRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  { services, door }: { readonly services: WavesServices; readonly door: Door },
): Promise<unknown> {
  const requestId = identified(request, reply);
  const credentials = credentialsOf(request.raw);
  reply.header('cache-control', 'no-store');
  if (route.shortLived === false && credentials.some(isShortLived)) throw forbiddenToTokens();
  return visiting({ request, reply, door, scope: route.scope, credentials }, (visit) =>
    route.handle({ request, reply, visit, credentials, requestId, services }),
  );
}

/** Every path of a route: under each mount, with and without a slash at the end. */
function urlsOf({ path, aliases = [] }: WavesRoute): string[] {
  const canonical = path.slice(wavesMounts[0].length);
  return [canonical, ...aliases].flatMap((each) =>
    wavesMounts.flatMap((mount) => [`${mount}${fastifyPath(each)}`, `${mount}${fastifyPath(each)}/`]),
  );
}

function fastifyPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function forbiddenToTokens(): ParleyError {
  return new ParleyError('A token may not do this; send the key that it stands for.', {
    code: 'access.forbidden',
    status: 403,
  });
}
