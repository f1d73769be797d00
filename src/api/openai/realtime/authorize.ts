import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const keyProtocol = 'openai-insecure-api-key.';

/**
 * Whether a request carries the key: as a bearer token, in the header `api-key`, or among the subprotocols, since
 * browsers can set no headers.
 */
export function isAuthorized(request: IncomingMessage, apiKey: string): boolean {
  const { authorization, 'api-key': header } = request.headers;
  const bearer = /^Bearer\s+(.+)$/i.exec(authorization ?? '')?.[1];
  const offered = subprotocols(request).find((name) => name.startsWith(keyProtocol));
  const keys = [bearer?.trim(), typeof header === 'string' ? header : undefined, offered?.slice(keyProtocol.length)];
  return keys.some((key) => key !== undefined && same(key, apiKey));
}

/** Whether a browser sends this from a page of somebody else, which could otherwise talk to whoever has it open. */
export function isForeignPage({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

function subprotocols(request: IncomingMessage): readonly string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
}

/** Takes the same time wherever the two differ. */
function same(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
