import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

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
export function isForeignName({ headers }: IncomingMessage): boolean {
  const name = URL.canParse(`http://${headers.host}`) ? new URL(`http://${headers.host}`).hostname : '';
  return name !== 'localhost' && isIP(name.replace(/^\[(.*)\]$/, '$1')) === 0;
}

function subprotocols(request: IncomingMessage): readonly string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
}
