import type { IncomingMessage } from 'node:http';
import { credentialsOf } from '../access/credentials.js';

/** The subprotocols behind which browsers send a key or token; the socket is answered with the one that was sent. */
export const keyProtocols = ['token', 'bearer'] as const;

/** Deepgram's ways of saying who one is: `Authorization: Token KEY` (or `Bearer`), or the subprotocols `token, KEY`. */
export function deepgramCredentials(request: IncomingMessage): readonly string[] {
  const { authorization, 'sec-websocket-protocol': offered } = request.headers;
  const token = /^Token\s+(.+)$/i.exec(authorization ?? '')?.[1];
  const names = (offered ?? '').split(',').map((name) => name.trim());
  const at = names.findIndex((name) => (keyProtocols as readonly string[]).includes(name));
  const key = at >= 0 ? names[at + 1] : undefined;
  return [...credentialsOf(request), token?.trim(), key].filter((credential) => credential !== undefined);
}
