import { z } from 'zod';
import type { NamedModel } from '../../../platform/layers/engine-table.js';
import { ParleyError } from '../../../ports/errors.js';
import type { OpenAiRoute, RouteMeans } from '../rest/routes.js';

export const modelSchema = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.number().describe('When this server was started, in Unix seconds.'),
    owned_by: z.string(),
    job: z
      .enum(['speech', 'transcription', 'chat', 'realtime'])
      .describe('Not of OpenAI’s. realtime: it holds whole calls, on /v1/realtime?model=ID.'),
    root: z.string().describe('The model that answers to this name.'),
  })
  .describe('A model, or another name for one.');

type Model = z.infer<typeof modelSchema>;

const startedS = Math.floor(Date.now() / 1_000);

function listModels({ layers: { speech, transcription, chat }, realtime }: RouteMeans): Model[] {
  const jobs: Readonly<Record<Model['job'], readonly NamedModel[]>> = {
    speech: speech.models.entries,
    transcription: transcription.models.entries,
    chat: chat.models.entries,
    realtime,
  };
  return Object.entries(jobs).flatMap(([job, models]) =>
    models.flatMap(({ id, ownedBy, aliases }) =>
      [id, ...aliases].map(
        (name): Model => ({
          id: name,
          object: 'model',
          created: startedS,
          owned_by: ownedBy,
          job: job as Model['job'],
          root: id,
        }),
      ),
    ),
  );
}

export const modelsRoute: OpenAiRoute = {
  method: 'GET',
  path: '/v1/models',
  summary: 'The models of this server, and the names that they answer to',
  scope: 'any',
  responses: {
    'application/json': {
      description: 'All models.',
      schema: z.object({ object: z.literal('list'), data: z.array(modelSchema) }),
    },
  },
  handle: async (means) => ({ object: 'list', data: listModels(means) }),
};

export const modelRoute: OpenAiRoute = {
  method: 'GET',
  path: '/v1/models/{model}',
  // Not every client escapes the slash of provider/model.
  otherPaths: ['/v1/models/*'],
  summary: 'One model',
  scope: 'any',
  responses: { 'application/json': { description: 'The model.', schema: modelSchema } },
  async handle(means) {
    const { model, '*': rest } = means.request.params as { readonly model?: string; readonly '*'?: string };
    const wanted = model ?? rest ?? '';
    const found = listModels(means).find(({ id }) => id === wanted);
    if (found) return found;
    throw new ParleyError(`There is no model "${wanted.slice(0, 100)}"; GET /v1/models lists them.`, {
      code: 'model.unknown',
      status: 404,
    });
  },
};
