import type { IncomingMessage } from 'node:http';
import { credentialsOf } from '../../access/credentials.js';
import type { SocketRoutes } from '../../sockets/socket-routes.js';
import { wavesError } from './waves-error.js';
import { wavesMounts } from './waves-mounts.js';
import type { WavesServices, WavesSocket } from './waves-route.js';

/** Serves a socket of Waves at all of its paths. */
export function mountSocket<Checked>(
  sockets: SocketRoutes,
  services: WavesServices,
  { paths, scope, limits = {}, check, onOpen }: WavesSocket<Checked>,
): void {
  for (const path of paths)
    for (const mount of wavesMounts)
      for (const end of ['', '/'])
        sockets.route<Checked>({
          path: `${mount}${path}${end}`,
          scope,
          limits,
          credentials: socketCredentials,
          check: (url, headers) => check(url, headers, services),
          headers: (id) => ({ 'X-Request-Id': `ws_${id}`, 'X-Session-Id': `ws_${id}` }),
          refuse: (error, id) => wavesError(error, `ws_${id}`),
          onOpen: (session, checked) => onOpen(session, checked, services),
        });
}

/** Pages can set no headers on sockets, and have the key or token in the query. */
function socketCredentials(request: IncomingMessage, url: URL): readonly string[] {
  const inQuery = ['api_key', 'token'].map((name) => url.searchParams.get(name));
  return [...credentialsOf(request), ...inQuery.filter((each) => each !== null)];
}
