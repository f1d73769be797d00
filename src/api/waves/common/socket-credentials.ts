import type { IncomingMessage } from 'node:http';
import { credentialsOf } from '../../access/credentials.js';

/** What a client of a socket sends to show who it is: as everywhere, or as a parameter, since browsers can set no headers. */
export function socketCredentials(request: IncomingMessage, { searchParams }: URL): readonly string[] {
  const given = [searchParams.get('api_key'), searchParams.get('token')];
  return [...credentialsOf(request), ...given.filter((credential) => credential !== null)].filter(Boolean);
}
