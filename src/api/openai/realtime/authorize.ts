import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { clientSecretPrefix } from '../../../platform/client-secrets.js';

const keyProtocol = 'openai-insecure-api-key.';

/** Whether a request carries the key. */
export function isAuthorized(request: IncomingMessage, apiKey: string): boolean {
  return credentialsOf(request).some((credential) => same(credential, apiKey));
}

/** The client secret that a request carries, if any. */
export function clientSecretOf(request: IncomingMessage): string | undefined {
  return credentialsOf(request).find((credential) => credential.startsWith(clientSecretPrefix));
}

/** From a bearer token, the header `api-key`, and the subprotocols, since browsers can set no headers. */
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

function subprotocols(request: IncomingMessage): readonly string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
}

/** Takes the same time wherever the two differ. */
function same(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
