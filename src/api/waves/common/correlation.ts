import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What a client may call its sessions and requests, to find them again. */
export const externalId = /^[\w\-.]{1,128}$/;

/** An id of ours: `req_…` for a request, `ws_…` for a socket. */
export function newId(kind: 'req' | 'ws' | 'task'): string {
  return `${kind}_${randomUUID().replaceAll('-', '')}`;
}

/** The id of a request, which its answer carries whatever becomes of it. */
export function identified(request: FastifyRequest, reply: FastifyReply): string {
  const given = reply.getHeader('x-request-id');
  if (typeof given === 'string') return given;
  const requestId = newId('req');
  reply.header('x-request-id', requestId);
  // Requests over HTTP are no session of several.
  reply.header('x-session-id', requestId);
  echo(reply, {
    session_id: request.headers['x-external-session-id'],
    request_id: request.headers['x-external-request-id'],
  });
  return requestId;
}

/** Sends back what the client calls this, so that it finds it again. */
export function echo(reply: FastifyReply, ids: { readonly session_id?: unknown; readonly request_id?: unknown }): void {
  const headers = { 'x-external-session-id': ids.session_id, 'x-external-request-id': ids.request_id };
  for (const [name, id] of Object.entries(headers))
    if (typeof id === 'string' && externalId.test(id)) reply.header(name, id);
}
