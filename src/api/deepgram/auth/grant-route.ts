import { z } from 'zod';
import type { Scope } from '../../../platform/access/access.js';
import { tokenLifetime, tokenScopes } from '../../../platform/keys/tokens.js';
import { ParleyError } from '../../../ports/errors.js';
import { issueText } from '../../http/issue-text.js';
import { invalid } from '../deepgram-error.js';
import { type DeepgramMeans, type DeepgramRoute, deepgramErrorSchema } from '../routes.js';

/** Lifetimes, in seconds: Deepgram's standard and greatest. */
const lifetime = { min: tokenLifetime.min, max: 3_600, standard: 30 } as const;
const error = `expected a whole number from ${lifetime.min} to ${lifetime.max}`;

const bodySchema = z.object({
  ttl_seconds: z
    .number({ error })
    .int({ error })
    .min(lifetime.min, { error })
    .max(lifetime.max, { error })
    .default(lifetime.standard)
    .describe('How long the token lasts.'),
});

export const grantRoute: DeepgramRoute = {
  method: 'POST',
  path: '/v1/auth/grant',
  summary: 'A short-lived token in the place of the key, as Deepgram',
  scope: 'any',
  shortLived: false,
  request: { type: 'application/json', schema: bodySchema, example: { ttl_seconds: 30 } },
  responses: {
    'application/json': {
      description: 'The token.',
      schema: z.object({ access_token: z.string(), expires_in: z.number() }),
    },
  },
  errors: deepgramErrorSchema,
  async handle(means) {
    const { request, visit, tokens } = means;
    const parsed = bodySchema.safeParse(request.body ?? {});
    if (!parsed.success) throw invalid(`ttl_seconds: ${issueText(parsed.error.issues[0])}.`);
    const { ttl_seconds: seconds } = parsed.data;
    const scopes = await scopesOf(means);
    const expiresAtS = Math.floor(Date.now() / 1_000) + seconds;
    return { access_token: tokens.issue({ scopes, expiresAtS, keyId: visit.keyId }), expires_in: seconds };
  },
};

/** A token may do what the key may that asks for it, but for what belongs to whoever runs the server. */
async function scopesOf({ access, credentials }: DeepgramMeans): Promise<readonly Scope[]> {
  const scopes: Scope[] = [];
  for (const scope of tokenScopes)
    try {
      await access.enter(credentials, scope, { counts: false });
      scopes.push(scope);
    } catch (problem) {
      if (!ParleyError.isInstance(problem) || problem.code !== 'access.forbidden') throw problem;
    }
  return scopes;
}
