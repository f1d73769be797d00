import { randomUUID } from 'node:crypto';
import type { FastifyInstance, RawServerBase } from 'fastify';
import { ParleyError } from '../../ports/errors.js';
import { deepgramError } from '../deepgram/deepgram-error.js';
import { deepgramRoutes } from '../deepgram/register-deepgram.js';
import { openAiError } from '../openai/rest/openai-error.js';
import { wavesError } from '../waves/common/waves-error.js';
import { wavesMounts } from '../waves/common/waves-mounts.js';

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const;
const longestPath = 200;

/**
 * Answers where nothing is served, with the error of the dialect that the path belongs to: 405 for another method than those
 * there are, 426 for a socket, else 404. @param sockets the paths of sockets
 */
export function answerNotFound<Raw extends RawServerBase>(
  server: FastifyInstance<Raw>,
  sockets: () => readonly string[],
): void {
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const allowed = methods.filter((method) => server.hasRoute({ method, url: path }));
    const error = notServed(request.method, path, allowed, sockets().includes(path));
    const { status, headers, body } = inDialectOf(path, error);
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    if (status === 426) reply.header('upgrade', 'websocket');
    return reply.code(status).headers(headers).send(body);
  });
}

function inDialectOf(path: string, error: ParleyError) {
  if (wavesMounts.some((mount) => path.startsWith(`${mount}/`))) return wavesError(error);
  return deepgramRoutes.some((route) => route.path === path) ? deepgramError(error, randomUUID()) : openAiError(error);
}

function notServed(method: string, path: string, allowed: readonly string[], isSocket: boolean): ParleyError {
  const shown = path.slice(0, longestPath);
  if (isSocket && method === 'GET')
    return new ParleyError(`${shown} is a socket; connect to it with ws:// or wss://.`, {
      code: 'route.socket',
      status: 426,
    });
  if (allowed.length > 0)
    return new ParleyError(`${shown} does not take ${method}; expected ${allowed.join(' or ')}.`, {
      code: 'route.method',
      status: 405,
    });
  return new ParleyError(`There is nothing at ${method} ${shown}; /docs lists what there is.`, {
    code: 'route.unknown',
    status: 404,
  });
}
