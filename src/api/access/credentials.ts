import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Access } from '../../platform/access/access.js';
import { ParleyError } from '../../ports/errors.js';

const keyProtocol = 'openai-insecure-api-key.';

/**
 * What a client sends to show who it is: a bearer token, the header `api-key`, or a subprotocol, since browsers can set no
 * headers on sockets.
 */
export function credentialsOf(request: IncomingMessage): readonly string[] {
  const { authorization, 'api-key': header } = request.headers;
  const bearer = /^Bearer\s+(.+)$/i.exec(authorization ?? '')?.[1];
  const offered = subprotocols(request).find((name) => name.startsWith(keyProtocol));
  const given = [bearer?.trim(), typeof header === 'string' ? header : undefined, offered?.slice(keyProtocol.length)];
  return given.filter((credential) => credential !== undefined);
}

/** Whether a browser sends this from a page of somebody else, which could otherwise talk to whoever has it open. */
export function isForeignPage({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

/**
 * Whether a request names this computer by a name of somebody else. A page whose name its owner has pointed at this
 * computer is no foreign one to the browser, but still has that name.
 */
function isForeignName({ headers }: IncomingMessage): boolean {
  const name = URL.canParse(`http://${headers.host}`) ? new URL(`http://${headers.host}`).hostname : '';
  return name !== 'localhost' && isIP(name.replace(/^\[(.*)\]$/, '$1')) === 0;
}

/**
 * Where no credential is asked for, only programs of this computer and pages of this server may come: a form can be sent
 * by any page that somebody has open.
 * @throws ParleyError `access.foreign_page` (403)
 */
export function assertOwnPage({ required }: Access, request: IncomingMessage): void {
  if (required || !(isForeignPage(request) || isForeignName(request))) return;
  throw new ParleyError(
    'Without a key only pages of this server may ask this; make one with "parley keys create" and send it.',
    { code: 'access.foreign_page', status: 403 },
  );
}

function subprotocols(request: IncomingMessage): readonly string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
}
