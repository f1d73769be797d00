import { z } from 'zod';
import { ParleyError } from '../../../ports/errors.js';
import { requestError } from '../../openai/rest/openai-error.js';
import { readForm } from '../../openai/transcriptions/read-form.js';
import { wavesErrorSchema } from '../common/waves-error.js';
import type { WavesMeans, WavesRoute } from '../common/waves-route.js';

const maxSampleBytes = 5 * 1024 ** 2;

const text = (max: number) =>
  z.string({ error: 'expected a text' }).min(1, { error: 'expected at least one character' }).max(max);

const cloneSchema = z
  .object({
    displayName: text(500),
    file: z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length > 0, {
      error: 'expected a recording of the voice, as a file',
    }),
    description: text(2_000).optional(),
    accent: text(100).optional(),
    tags: text(2_000).optional().describe('A list with commas.'),
    language: text(100).optional(),
    model: text(200).optional(),
  })
  .describe('A recording of 5 to 15 seconds, of at most 5 MiB.');

const voiceIdSchema = z.object({ voiceId: text(200) });
const cloneExample = { displayName: 'My voice' } as const;

const shared = {
  // What is stored of a voice belongs to whoever has the key.
  scope: 'speak',
  shortLived: false,
  responses: { 'application/json': { description: 'Not there yet: every request is answered with 501.' } },
  errors: wavesErrorSchema,
} as const;

async function clone({ request, visit, services }: WavesMeans): Promise<never> {
  const release = await services.uploads.take(visit.signal);
  try {
    const parsed = cloneSchema.safeParse(await readForm(request, maxSampleBytes));
    if (!parsed.success) throw requestError(parsed.error);
    // An unknown model is the client's mistake, now as well as later.
    services.layers().speech.models.find(parsed.data.model);
    throw notYet();
  } finally {
    release();
  }
}

async function remove({ request }: WavesMeans): Promise<never> {
  const parsed = voiceIdSchema.safeParse(request.body);
  if (!parsed.success) throw requestError(parsed.error);
  throw notYet();
}

const list = async (): Promise<never> => {
  throw notYet();
};

/** Cloning of voices: requests are checked and answered with 501. */
export const cloningRoutes: readonly WavesRoute[] = [
  {
    ...shared,
    method: 'POST',
    path: '/waves/v1/voice-cloning',
    aliases: ['/lightning-large/add_voice'],
    summary: 'Clone a voice (501: not there yet)',
    request: { type: 'multipart/form-data', schema: cloneSchema, example: cloneExample },
    handle: clone,
  },
  {
    ...shared,
    method: 'GET',
    path: '/waves/v1/voice-cloning',
    aliases: ['/lightning-large/get_cloned_voices'],
    summary: 'Cloned voices (501: not there yet)',
    handle: list,
  },
  {
    ...shared,
    method: 'GET',
    path: '/waves/v1/voice-cloning/{id}',
    summary: 'One cloned voice (501: not there yet)',
    handle: list,
  },
  {
    ...shared,
    method: 'POST',
    path: '/waves/v1/voice-cloning/delete',
    summary: 'Delete a cloned voice (501: not there yet)',
    request: { type: 'application/json', schema: voiceIdSchema, example: { voiceId: 'voice_abc' } },
    handle: remove,
  },
  {
    ...shared,
    method: 'DELETE',
    path: '/waves/v1/lightning-large',
    summary: 'Delete a cloned voice, as older clients do (501: not there yet)',
    request: { type: 'application/json', schema: voiceIdSchema, example: { voiceId: 'voice_abc' } },
    handle: remove,
  },
];

function notYet(): ParleyError {
  return new ParleyError(
    'Voices cannot be cloned yet: this version has no engine for it, and a later one will. GET /waves/v1/voice/get-all-models lists the voices that there are.',
    { code: 'voice_cloning.unavailable', status: 501 },
  );
}
