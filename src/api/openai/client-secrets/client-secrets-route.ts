import type { FastifyError, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { ClientSecrets } from '../../../platform/client-secrets.js';
import { ParleyError } from '../../../ports/errors.js';
import type { ControlServer } from '../../control/server.js';
import { isAuthorized, isForeignPage } from '../realtime/authorize.js';
import { sessionSchema } from '../realtime/client-events.js';
import { initialSession, type SessionDefaults, sessionView, updateSession } from '../realtime/effective-session.js';
import { createIds } from '../realtime/ids.js';

const defaultSeconds = 600;

const secondsError = { error: 'Expected a whole number from 10 to 7200' };

const requestSchema = z.object({
  expires_after: z
    .object({
      anchor: z.literal('created_at', { error: 'Expected "created_at"' }).optional(),
      seconds: z.number(secondsError).int(secondsError).min(10, secondsError).max(7_200, secondsError).optional(),
    })
    .optional(),
  session: sessionSchema.optional(),
});

export type ClientSecretsOptions = {
  readonly secrets: ClientSecrets;
  /** Who asks for a secret must carry this key. @defaultValue no key is asked for */
  readonly apiKey?: string;
  readonly defaults?: SessionDefaults;
};

/** `POST /v1/realtime/client_secrets`: a secret for a client that must not have the key, such as a page in a browser. */
export async function registerClientSecrets(server: ControlServer, options: ClientSecretsOptions): Promise<void> {
  const { secrets, apiKey, defaults = {} } = options;
  await server.register(async (scope) => {
    scope.setErrorHandler((error: FastifyError, _request, reply) => {
      const status = error.statusCode ?? 500;
      return refuse(reply, status, 'invalid_request', status < 500 ? error.message : 'A fault of the server.');
    });
    scope.post('/v1/realtime/client_secrets', { bodyLimit: 256 * 1024 }, async (request, reply) => {
      reply.header('cache-control', 'no-store');
      if (apiKey === undefined && isForeignPage(request.raw))
        return refuse(
          reply,
          403,
          'origin_not_allowed',
          'Without a key only pages of this server may ask for a secret; set PARLEY_API_KEY and send it.',
        );
      if (apiKey !== undefined && !isAuthorized(request.raw, apiKey))
        return refuse(
          reply.header('www-authenticate', 'Bearer'),
          401,
          'invalid_api_key',
          'The key is missing or wrong; send it as "Authorization: Bearer KEY". A client secret makes no others.',
        );
      const parsed = requestSchema.safeParse(request.body ?? {});
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const param = issue?.path.map(String).join('.') ?? '';
        return refuse(reply, 400, 'invalid_value', `${param}: ${issue?.message ?? 'invalid'}.`, param);
      }
      const { session = {}, expires_after: after } = parsed.data;
      const expiresAtS = Math.floor(Date.now() / 1_000) + (after?.seconds ?? defaultSeconds);
      try {
        const identity = { id: createIds()('sess'), expiresAt: expiresAtS };
        return {
          value: secrets.issue({ bound: session, expiresAtS }),
          expires_at: expiresAtS,
          session: sessionView(updateSession(initialSession, session, defaults), identity, defaults),
        };
      } catch (error) {
        if (!ParleyError.isInstance(error)) throw error;
        return refuse(reply, error.status, error.code, error.message, 'session');
      }
    });
  });
}

function refuse(reply: FastifyReply, status: number, code: string, message: string, param?: string): FastifyReply {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return reply.code(status).send({ error: { message, type, param: param ?? null, code } });
}
