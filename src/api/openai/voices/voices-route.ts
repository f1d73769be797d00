import { z } from 'zod';
import type { OpenAiRoute } from '../rest/routes.js';

const voiceSchema = z
  .object({
    id: z.string().describe('For the field voice.'),
    object: z.literal('voice'),
    name: z.string(),
    language: z.string().nullable().describe('A language tag; null where it is not known.'),
    gender: z.enum(['female', 'male']).nullable().describe('null where it is not known.'),
    engine: z.string().describe('The model whose voice it is: for the field model.'),
  })
  .describe('A voice.');

/** Not of OpenAI's: its voices are a fixed list. */
export const voicesRoute: OpenAiRoute = {
  method: 'GET',
  path: '/v1/voices',
  summary: 'The voices of this server',
  scope: 'any',
  responses: {
    'application/json': {
      description: 'All voices; of each model the first one speaks when none is named.',
      schema: z.object({ object: z.literal('list'), data: z.array(voiceSchema) }),
    },
  },
  handle: async ({ layers }) => ({
    object: 'list',
    data: layers.speech.models.entries.flatMap(({ id: engine, engine: { voices, voiceTraits } }) =>
      voices.map((id): z.infer<typeof voiceSchema> => {
        const { language = null, gender = null } = voiceTraits?.[id] ?? {};
        return { id, object: 'voice', name: `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`, language, gender, engine };
      }),
    ),
  }),
};
