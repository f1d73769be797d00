import { z } from 'zod';
import { dictionaryLimits, type PronunciationDictionary } from '../../../platform/pronunciations/dictionaries.js';
import { requestError } from '../../openai/rest/openai-error.js';
import { wavesErrorSchema } from '../common/waves-error.js';
import type { WavesRoute } from '../common/waves-route.js';

const { maxItems, maxWordCharacters, maxPronunciationCharacters } = dictionaryLimits;

/** Neither empty nor blank, and no more than so many characters. */
const written = (max: number) => {
  const error = { error: `expected 1 to ${max} characters that are not all spaces` };
  return z.string(error).trim().min(1, error).max(max, error);
};

const itemSchema = z.object({
  word: written(maxWordCharacters).describe('As it is written, upper and lower case.'),
  pronunciation: written(maxPronunciationCharacters).describe('Written out in ordinary words: "sequel" for "SQL".'),
});

const itemsError = { error: `expected a list of 1 to ${maxItems} words with their pronunciations` };
const itemsSchema = z.array(itemSchema, itemsError).min(1, itemsError).max(maxItems, itemsError);
const idSchema = z.string({ error: 'expected the id of a dictionary' }).min(1).max(100);

const createSchema = z.object({ items: itemsSchema });
const replaceSchema = z.object({ id: idSchema, items: itemsSchema });
const removeSchema = z.object({ id: idSchema });
const dictionarySchema = z
  .object({ id: z.string().describe('For pronunciation_dicts.'), items: z.array(itemSchema), createdAt: z.string() })
  .describe('How words are to be read.');

const path = '/waves/v1/pronunciation-dicts';
const items = [{ word: 'SQL', pronunciation: 'sequel' }];
const id = '65f0c0ffee65f0c0ffee65f0';

const shared = {
  path,
  // Whoever has a key may speak with it; a token is for a page that does nothing else.
  scope: 'speak',
  shortLived: false,
  errors: wavesErrorSchema,
} as const;

const view = ({ id, items, createdAt }: PronunciationDictionary): z.infer<typeof dictionarySchema> => ({
  id,
  items: [...items],
  createdAt: createdAt.toISOString(),
});

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(body);
  if (error) throw requestError(error);
  return data;
}

/** Pronunciation dictionaries: each belongs to the key that made it. */
export const dictionaryRoutes: readonly WavesRoute[] = [
  {
    ...shared,
    method: 'GET',
    summary: 'The pronunciation dictionaries of this key',
    responses: {
      'application/json': { description: 'The newest first.', schema: z.array(dictionarySchema) },
    },
    handle: async ({ visit, services }) => (await services.dictionaries.list(visit.keyId)).map(view),
  },
  {
    ...shared,
    method: 'POST',
    summary: 'Make a pronunciation dictionary',
    request: { type: 'application/json', schema: createSchema, example: { items } },
    responses: { 'application/json': { description: 'The dictionary.', schema: dictionarySchema } },
    handle: async ({ request, visit, services }) =>
      view(await services.dictionaries.create(visit.keyId, read(createSchema, request.body).items)),
  },
  {
    ...shared,
    method: 'PUT',
    summary: 'Put other words into a pronunciation dictionary',
    request: { type: 'application/json', schema: replaceSchema, example: { id, items } },
    responses: { 'application/json': { description: 'The dictionary.', schema: dictionarySchema } },
    async handle({ request, visit, services }) {
      const body = read(replaceSchema, request.body);
      return view(await services.dictionaries.replace(visit.keyId, body.id, body.items));
    },
  },
  {
    ...shared,
    method: 'DELETE',
    summary: 'Delete a pronunciation dictionary',
    request: { type: 'application/json', schema: removeSchema, example: { id } },
    responses: {
      'application/json': {
        description: 'It is gone.',
        schema: z.object({ id: z.string(), deleted: z.literal(true) }),
      },
    },
    async handle({ request, visit, services }) {
      const body = read(removeSchema, request.body);
      await services.dictionaries.remove(visit.keyId, body.id);
      return { id: body.id, deleted: true };
    },
  },
];
