import multipart from '@fastify/multipart';
import type { FastifyInstance, RawServerBase } from 'fastify';
import type { NamedModel } from '../../../platform/layers/engine-table.js';
import type { Layers } from '../../../platform/layers/layers.js';
import { Slots } from '../../../platform/layers/slots.js';
import type { Clock } from '../../../ports/clock.js';
import { credentialsOf } from '../../access/credentials.js';
import { readJsonBodies } from '../../http/json-body.js';
import { requestLimits } from '../../http/limits.js';
import { type Door, visiting } from '../../http/visit.js';
import { chatRoute } from '../chat/chat-route.js';
import { modelRoute, modelsRoute } from '../models/models-route.js';
import { speechRoute } from '../speech/speech-route.js';
import { transcriptionRoute } from '../transcriptions/transcription-route.js';
import { voicesRoute } from '../voices/voices-route.js';
import { openAiError } from './openai-error.js';
import type { OpenAiRoute } from './routes.js';

export type OpenAiRestOptions = Door & {
  /** @throws ParleyError `server.not_ready` (503) */
  readonly layers: () => Layers;
  /** The models that hold whole calls on `/v1/realtime`. @defaultValue none */
  readonly realtime?: () => readonly NamedModel[];
  readonly clock: Clock;
};

export const openAiRoutes: readonly OpenAiRoute[] = [
  speechRoute,
  transcriptionRoute,
  chatRoute,
  modelsRoute,
  modelRoute,
  voicesRoute,
];

/** OpenAI's REST API for the layers: speech, transcriptions, chat completions and models. */
export async function registerOpenAiRest<Raw extends RawServerBase>(
  server: FastifyInstance<Raw>,
  { layers, realtime = () => [], clock, ...door }: OpenAiRestOptions,
): Promise<void> {
  const waiting = requestLimits.maxWaitingUploads;
  const waitMs = 30_000;
  const uploads = new Slots({ clock, what: 'uploads', atOnce: requestLimits.maxUploads, waiting, waitMs });
  const decodings = new Slots({ clock, what: 'files', atOnce: 1, waiting: requestLimits.maxUploads, waitMs: 120_000 });
  await server.register(async (scope) => {
    readJsonBodies(scope);
    await scope.register(multipart);
    scope.setErrorHandler((error, _request, reply) => {
      const { status, headers, body } = openAiError(error);
      if (status >= 500 && status !== 503) door.onFault(error);
      return reply.code(status).headers(headers).type('application/json; charset=utf-8').send(body);
    });
    for (const route of openAiRoutes)
      for (const url of [route.path.replace(/\{(\w+)\}/g, ':$1'), ...(route.otherPaths ?? [])])
        scope.route({
          method: route.method,
          url,
          handler: (request, reply) =>
            visiting({ request, reply, door, scope: route.scope, credentials: credentialsOf(request.raw) }, (visit) =>
              route.handle({ request, reply, layers: layers(), realtime: realtime(), visit, uploads, decodings }),
            ),
        });
  });
}
