import { z } from 'zod';
import type { NamedEngine } from '../../../platform/layers/engine-table.js';
import type { TextToSpeech } from '../../../ports/text-to-speech.js';
import { wavesErrorSchema } from '../common/waves-error.js';
import type { WavesRoute } from '../common/waves-route.js';

const tagsSchema = z.object({
  language: z.array(z.string()),
  emotions: z.array(z.string()),
  usecases: z.array(z.string()),
});

const voiceSchema = z
  .object({ voiceId: z.string().describe('For voice_id.'), displayName: z.string(), tags: tagsSchema })
  .describe('A voice.');

const catalogueSchema = voiceSchema.extend({
  _id: z.string(),
  description: z.string(),
  audioPreview: z.null().describe('There is none.'),
});

/** All that is known of every voice: the models speak English. */
const tags: z.infer<typeof tagsSchema> = { language: ['english'], emotions: [], usecases: [] };

export const voicesRoute: WavesRoute = {
  method: 'GET',
  path: '/waves/v1/{model}/get_voices',
  summary: 'The voices of a model',
  scope: 'any',
  responses: {
    'application/json': { description: 'Its voices.', schema: z.object({ voices: z.array(voiceSchema) }) },
  },
  errors: wavesErrorSchema,
  async handle({ request, services }) {
    const { model } = request.params as { readonly model: string };
    return { voices: voicesOf(services.layers().speech.models.find(model)) };
  },
};

export const voiceCatalogueRoute: WavesRoute = {
  method: 'GET',
  path: '/waves/v1/voice/get-all-models',
  summary: 'The voices of all models',
  scope: 'any',
  responses: {
    'application/json': { description: 'All voices.', schema: z.object({ voices: z.array(catalogueSchema) }) },
  },
  errors: wavesErrorSchema,
  handle: async ({ services }) => ({
    voices: services.layers().speech.models.entries.flatMap((model) =>
      voicesOf(model).map((voice) => ({
        _id: `${model.id}/${voice.voiceId}`,
        ...voice,
        description: `A voice of ${model.id}.`,
        audioPreview: null,
      })),
    ),
  }),
};

function voicesOf({ engine }: NamedEngine<TextToSpeech>): z.infer<typeof voiceSchema>[] {
  return engine.voices.map((voice) => ({
    voiceId: voice,
    displayName: `${voice.slice(0, 1).toUpperCase()}${voice.slice(1)}`,
    tags,
  }));
}
