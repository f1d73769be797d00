import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Access, Scope, Visit } from '../../platform/access/access.js';
import { isShortLived } from '../../platform/access/identify.js';
import { ParleyError } from '../../ports/errors.js';
import { assertOwnPage, credentialsOf } from './credentials.js';

/** A request as a guarded route sees it. */
export type Guarded = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly visit: Visit;
  readonly credentials: readonly string[];
};

export type GuardOptions = {
  /** Whether tokens and client secrets will do: not where they could be exchanged for more. @defaultValue true */
  readonly shortLived?: boolean;
};

/**
 * A route that somebody has to be let into: one request is one visit. Where no credential is asked for, only programs of
 * this computer and pages of this server are let in.
 */
export function guarded(
  access: Access,
  scope: Scope | 'any',
  handle: (guarded: Guarded) => Promise<unknown>,
  { shortLived = true }: GuardOptions = {},
): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  return async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const credentials = credentialsOf(request.raw).filter((each) => shortLived || !isShortLived(each));
    assertOwnPage(access, request.raw);
    const visit = await access.enter(credentials, scope);
    try {
      return await handle({ request, reply, visit, credentials });
    } finally {
      void visit.leave();
    }
  };
}

/** Answers with what is wrong, in the shape that all surfaces have. */
export function answerError(error: FastifyError | ParleyError, reply: FastifyReply): FastifyReply {
  const ours = ParleyError.isInstance(error) ? error : undefined;
  const status = ours?.status ?? (error as FastifyError).statusCode ?? 500;
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (ours?.retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(ours.retryAfterMs / 1_000)));
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  // What went wrong inside is for the log.
  const message = ours || status < 500 ? error.message : 'A fault of the server.';
  return reply.code(status).send({ error: { message, type, param: null, code: ours?.code ?? 'invalid_request' } });
}
