import { z } from 'zod';
import type { Access, Scope } from '../../../platform/access/access.js';
import { ParleyError } from '../../../ports/errors.js';
import { requestError } from '../../openai/rest/openai-error.js';
import { wavesErrorSchema } from '../common/waves-error.js';
import type { WavesRoute } from '../common/waves-route.js';

/** Lifetimes, in seconds. */
const lifetime = { min: 30, max: 900, standard: 300 } as const;
const secondsError = { error: `expected a whole number from ${lifetime.min} to ${lifetime.max}` };

/** What a token of Waves may do: speak, transcribe, and both at once. Chat and whatever is stored needs the key. */
const mayDo: readonly Scope[] = ['speak', 'transcribe', 'converse'];

const bodySchema = z.object({
  ttl_seconds: z
    .number(secondsError)
    .int(secondsError)
    .min(lifetime.min, secondsError)
    .max(lifetime.max, secondsError)
    .default(lifetime.standard)
    .describe('How long the token lasts.'),
});

export const tokenRoute: WavesRoute = {
  method: 'POST',
  path: '/waves/v1/auth/token',
  summary: 'A short-lived token for a page, which may speak and transcribe and nothing else',
  scope: 'any',
  shortLived: false,
  request: { type: 'application/json', schema: bodySchema, example: { ttl_seconds: 300 } },
  responses: {
    'application/json': {
      description: 'The token, to be sent in the place of the key.',
      schema: z.object({
        access_token: z.string(),
        token_type: z.literal('Bearer'),
        expires_in: z.number(),
        expires_at: z.string().describe('ISO 8601, UTC.'),
      }),
    },
  },
  errors: wavesErrorSchema,
  async handle({ request, visit, credentials, services: { access, tokens } }) {
    const parsed = bodySchema.safeParse(request.body ?? {});
    if (!parsed.success) throw requestError(parsed.error);
    const { ttl_seconds: seconds } = parsed.data;
    const scopes = await granted(access, credentials);
    const expiresAtS = Math.floor(Date.now() / 1_000) + seconds;
    return {
      access_token: tokens.issue({ scopes, expiresAtS, keyId: visit.keyId }),
      token_type: 'Bearer',
      expires_in: seconds,
      expires_at: new Date(expiresAtS * 1_000).toISOString(),
    };
  },
};

/** A token may do no more than the key that asks for it. */
async function granted(access: Access, credentials: readonly string[]): Promise<readonly Scope[]> {
  const scopes: Scope[] = [];
  let refusal: unknown;
  for (const scope of mayDo) {
    try {
      await access.enter(credentials, scope, { counts: false });
      scopes.push(scope);
    } catch (error) {
      if (!(ParleyError.isInstance(error) && error.code === 'access.forbidden')) throw error;
      refusal = error;
    }
  }
  if (scopes.length === 0) throw refusal;
  return scopes;
}
