import { z } from 'zod';
import type { ServerAccess } from '../../platform/access/create-access.js';
import { newKeySchema, readNewKey } from '../../platform/keys/key-fields.js';
import { type CreatedKeyView, createdKeySchema, keyView, keyViewSchema } from '../../platform/keys/key-view.js';
import { Keys } from '../../platform/keys/keys.js';
import { type Tokens, tokenLifetime, tokenScopes } from '../../platform/keys/tokens.js';
import { maxUsageRows, usageReport } from '../../platform/usage/usage-report.js';
import { ParleyError } from '../../ports/errors.js';
import { answerError, guarded } from '../access/guarded.js';
import { issueText } from '../http/issue-text.js';
import type { DocumentedRoute } from '../openapi/document.js';
import type { ControlServer } from './server.js';

export type KeysRoutesOptions = {
  readonly access: ServerAccess;
  readonly store: ConstructorParameters<typeof Keys>[0];
  readonly tokens: Tokens;
};

const dayMs = 86_400_000;
/** How far back usage is told when nothing is said. */
const usualPeriodMs = 30 * dayMs;

const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'expected a date such as 2030-12-31, or a date and time such as 2030-12-31T23:59:59Z',
  })
  .transform((text) => new Date(text));

/** Query of `GET /v1/parley/usage`. */
export const usageQuerySchema = z.strictObject({
  from: moment.optional().describe('the first hour; 30 days ago when nothing is said'),
  to: moment.optional().describe('the end, which is not included; now when nothing is said'),
  key_id: z.string().max(64).optional().describe('of this key alone'),
  by: z
    .enum(['hour', 'day', 'month'], { error: 'expected hour, day or month' })
    .default('day')
    .describe('periods, in UTC'),
});

const secondsError = { error: `expected a whole number from ${tokenLifetime.min} to ${tokenLifetime.max}` };

/** Body of `POST /v1/parley/tokens`. */
export const tokenSchema = z.strictObject({
  scopes: z
    .array(z.enum(tokenScopes, { error: `expected some of ${tokenScopes.join(', ')}` }))
    .min(1, { error: 'expected at least one' })
    .describe('what the token may be used for: no more than the key that asks for it'),
  expires_in_seconds: z
    .number(secondsError)
    .int(secondsError)
    .min(tokenLifetime.min, secondsError)
    .max(tokenLifetime.max, secondsError)
    .default(tokenLifetime.standard)
    .describe('how long the token lasts'),
});

const usageSchema = z.object({
  object: z.literal('list'),
  from: z.string(),
  to: z.string(),
  by: z.string(),
  data: z.array(
    z.object({
      key_id: z.string(),
      key_name: z.string().nullable(),
      start: z.string(),
      scope: z.string(),
      requests: z.number(),
      audio_in_seconds: z.number(),
      audio_out_seconds: z.number(),
      characters: z.number(),
      input_tokens: z.number(),
      output_tokens: z.number(),
    }),
  ),
});

const issuedTokenSchema = z.object({
  object: z.literal('token'),
  token: z.string(),
  scopes: z.array(z.string()),
  expires_at: z.string(),
});

/** The routes below as the documentation has them. */
export const keysDocumentation: readonly DocumentedRoute[] = [
  {
    method: 'GET',
    path: '/v1/parley/keys',
    summary: 'All keys',
    scope: 'manage',
    responses: {
      'application/json': {
        description: 'The keys, without what is secret of them.',
        schema: z.object({ object: z.literal('list'), data: z.array(keyViewSchema) }),
      },
    },
  },
  {
    method: 'POST',
    path: '/v1/parley/keys',
    summary: 'Make a key',
    scope: 'manage',
    request: { type: 'application/json', schema: newKeySchema, example: { name: 'kiosk', scopes: ['converse'] } },
    status: 201,
    responses: { 'application/json': { description: 'The key.', schema: createdKeySchema } },
  },
  {
    method: 'DELETE',
    path: '/v1/parley/keys/{id}',
    summary: 'Revoke a key',
    scope: 'manage',
    responses: { 'application/json': { description: 'The key that was.', schema: keyViewSchema } },
  },
  {
    method: 'GET',
    path: '/v1/parley/usage',
    summary: 'What keys have used',
    scope: 'manage',
    query: usageQuerySchema,
    responses: { 'application/json': { description: 'By key, period and scope.', schema: usageSchema } },
  },
  {
    method: 'POST',
    path: '/v1/parley/tokens',
    summary: 'Make a short-lived token, for a page in a browser',
    scope: 'any',
    request: {
      type: 'application/json',
      schema: tokenSchema,
      example: { scopes: ['transcribe'], expires_in_seconds: tokenLifetime.standard },
    },
    responses: { 'application/json': { description: 'The token.', schema: issuedTokenSchema } },
  },
];

/** Keys, tokens and usage: who may use this server, and what they have used. */
export async function registerKeys(server: ControlServer, options: KeysRoutesOptions): Promise<void> {
  const { access, store, tokens } = options;
  const keys = new Keys(store);
  await server.register(async (scope) => {
    scope.setErrorHandler((error: Parameters<typeof answerError>[0], _request, reply) => answerError(error, reply));
    scope.get(
      '/v1/parley/keys',
      guarded(access, 'manage', async () => ({ object: 'list', data: (await keys.list()).map(keyView) })),
    );
    scope.post(
      '/v1/parley/keys',
      guarded(access, 'manage', async ({ request, reply }): Promise<CreatedKeyView> => {
        const created = await keys.create(readNewKey(request.body ?? {}, new Date()));
        access.keysChanged();
        reply.code(201);
        return { ...keyView(created.key), key: created.secret };
      }),
    );
    scope.delete(
      '/v1/parley/keys/:id',
      guarded(access, 'manage', async ({ request }) => {
        const { id } = request.params as { id: string };
        const revoked = await keys.revoke(id);
        access.keysChanged();
        return keyView(revoked);
      }),
    );
    scope.get(
      '/v1/parley/usage',
      guarded(access, 'manage', async ({ request }) => usageOf(store, read(usageQuerySchema, request.query))),
    );
    scope.post(
      '/v1/parley/tokens',
      guarded(
        access,
        'any',
        async ({ request, visit, credentials }): Promise<z.infer<typeof issuedTokenSchema>> => {
          const asked = read(tokenSchema, request.body ?? {});
          const granted = tokenScopes.filter((each) => asked.scopes.includes(each));
          for (const each of granted) await access.enter(credentials, each, { counts: false });
          const expiresAtS = Math.floor(Date.now() / 1_000) + asked.expires_in_seconds;
          return {
            object: 'token',
            token: tokens.issue({ scopes: granted, expiresAtS, keyId: visit.keyId }),
            scopes: granted,
            expires_at: new Date(expiresAtS * 1_000).toISOString(),
          };
        },
        { shortLived: false },
      ),
    );
  });
}

async function usageOf(
  store: KeysRoutesOptions['store'],
  query: z.output<typeof usageQuerySchema>,
): Promise<z.infer<typeof usageSchema>> {
  const { from = new Date(Date.now() - usualPeriodMs), to = new Date(), key_id: keyId, by } = query;
  const { rows, complete } = await usageReport(store, { from, to, keyId, by });
  if (!complete)
    throw new ParleyError(
      `The answer would have more than ${maxUsageRows} rows; ask for a shorter time, for one key, or by month.`,
      { code: 'usage.too_long', status: 400 },
    );
  return {
    object: 'list' as const,
    from: from.toISOString(),
    to: to.toISOString(),
    by,
    data: rows.map((row) => ({
      key_id: row.keyId,
      key_name: row.keyName ?? null,
      start: row.start.toISOString(),
      scope: row.scope,
      requests: row.requests,
      audio_in_seconds: row.audioInSeconds,
      audio_out_seconds: row.audioOutSeconds,
      characters: row.characters,
      input_tokens: row.inputTokens,
      output_tokens: row.outputTokens,
    })),
  };
}

/** @throws ParleyError `request.invalid` naming each field and what it expects */
function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(value);
  if (!error) return data;
  const said = error.issues.map((issue) => [...issue.path.map(String), issueText(issue)].join(': '));
  throw new ParleyError(`${said.join('; ')}.`, { code: 'request.invalid', status: 400 });
}
