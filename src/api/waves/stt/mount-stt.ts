import type { Layers } from '../../../platform/layers/layers.js';
import type { SocketRoutes } from '../../sockets/socket-routes.js';
import { socketCredentials } from '../common/socket-credentials.js';
import { wavesMounts } from '../common/waves-routes.js';
import { liveRoute } from './live-route.js';

/** Live transcription, at its path and at the older one; recordings are among `wavesRoutes`. */
export function mountStt(sockets: SocketRoutes, { layers }: { readonly layers: () => Layers }): void {
  for (const mount of wavesMounts)
    for (const end of ['', '/']) {
      sockets.route(
        liveRoute({ path: `${mount}/stt/live${end}`, older: false, layers, credentials: socketCredentials }),
      );
      sockets.route(
        liveRoute({ path: `${mount}/pulse/get_text${end}`, older: true, layers, credentials: socketCredentials }),
      );
    }
}
