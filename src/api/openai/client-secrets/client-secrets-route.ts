import type { FastifyError, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Access, Visit } from '../../../platform/access/access.js';
import { isShortLived } from '../../../platform/access/identify.js';
import type { ClientSecrets } from '../../../platform/client-secrets.js';
import { ParleyError } from '../../../ports/errors.js';
import { credentialsOf, isForeignPage } from '../../access/credentials.js';
import type { ControlServer } from '../../control/server.js';
import { issueText } from '../../http/issue-text.js';
import type { DocumentedRoute } from '../../openapi/document.js';
import { sessionSchema } from '../realtime/client-events.js';
import { initialSession, type SessionDefaults, sessionView, updateSession } from '../realtime/effective-session.js';
import { heldUpdate } from '../realtime/held-sessions.js';
import { createIds } from '../realtime/ids.js';
import type { SessionModel } from '../realtime/session-model.js';

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

const secretSchema = z.object({
  value: z.string().describe('The secret, to be sent in place of a key.'),
  expires_at: z.number().describe('In Unix seconds.'),
  session: z.record(z.string(), z.unknown()).describe('What a session that is opened with it begins with.'),
});

/** The route below as the documentation has it. */
export const clientSecretsDocumentation: DocumentedRoute = {
  method: 'POST',
  path: '/v1/realtime/client_secrets',
  summary: 'Make a secret for one page that talks',
  scope: 'converse',
  request: {
    type: 'application/json',
    schema: requestSchema,
    example: { expires_after: { anchor: 'created_at', seconds: defaultSeconds }, session: { type: 'realtime' } },
  },
  responses: { 'application/json': { description: 'The secret.', schema: secretSchema } },
};

export type ClientSecretsOptions = {
  readonly secrets: ClientSecrets;
  /** Who may ask for a secret: whoever may converse. */
  readonly access: Access;
  readonly defaults?: SessionDefaults;
  /** Realtime models that a session may be bound to, by their names. @defaultValue none */
  readonly models?: () => ReadonlyMap<string, SessionModel>;
};

/** `POST /v1/realtime/client_secrets`: a secret for a client that must not have the key, such as a page in a browser. */
export async function registerClientSecrets(server: ControlServer, options: ClientSecretsOptions): Promise<void> {
  const { secrets, access, defaults: usual = {}, models = () => new Map<string, SessionModel>() } = options;
  await server.register(async (scope) => {
    scope.setErrorHandler((error: FastifyError, _request, reply) => {
      const status = error.statusCode ?? 500;
      return refuse(reply, status, 'invalid_request', status < 500 ? error.message : 'A fault of the server.');
    });
    scope.post('/v1/realtime/client_secrets', { bodyLimit: 256 * 1024 }, async (request, reply) => {
      reply.header('cache-control', 'no-store');
      if (!access.required && isForeignPage(request.raw))
        return refuse(
          reply,
          403,
          'origin_not_allowed',
          'Without a key only pages of this server may ask for a secret; make one with "parley keys create" and send it.',
        );
      let visit: Visit;
      try {
        // A secret makes no others.
        const credentials = credentialsOf(request.raw).filter((each) => !isShortLived(each));
        visit = await access.enter(credentials, 'converse');
      } catch (error) {
        return refuseEntry(reply, error);
      }
      void visit.leave();
      const parsed = requestSchema.safeParse(request.body ?? {});
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const param = issue?.path.map(String).join('.') ?? '';
        return refuse(reply, 400, 'invalid_value', `${param}: ${issueText(issue)}.`, param);
      }
      const { session = {}, expires_after: after } = parsed.data;
      const { model = '' } = session;
      const held = models().get(model);
      const defaults = held?.defaults ?? usual;
      const { update } = held ? heldUpdate(session, model) : { update: session };
      const expiresAtS = Math.floor(Date.now() / 1_000) + (after?.seconds ?? defaultSeconds);
      try {
        const identity = { id: createIds()('sess'), expiresAt: expiresAtS };
        return {
          value: secrets.issue({
            bound: session,
            expiresAtS,
            ...(visit.keyId === undefined ? {} : { keyId: visit.keyId }),
          }),
          expires_at: expiresAtS,
          session: sessionView(updateSession(initialSession, update, defaults), identity, defaults),
        };
      } catch (error) {
        if (!ParleyError.isInstance(error)) throw error;
        return refuse(reply, error.status, error.code, error.message, 'session');
      }
    });
  });
}

function refuseEntry(reply: FastifyReply, error: unknown): FastifyReply {
  if (!ParleyError.isInstance(error)) throw error;
  const { status, message, retryAfterMs } = error;
  if (retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(retryAfterMs / 1_000)));
  if (status !== 401) return refuse(reply, status, error.code, message);
  const note = 'A client secret makes no others.';
  return refuse(reply.header('www-authenticate', 'Bearer'), status, 'invalid_api_key', `${message} ${note}`);
}

function refuse(reply: FastifyReply, status: number, code: string, message: string, param?: string): FastifyReply {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return reply.code(status).send({ error: { message, type, param: param ?? null, code } });
}
