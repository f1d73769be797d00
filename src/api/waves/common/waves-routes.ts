import type { SocketRoutes } from '../../sockets/socket-routes.js';
import { tokenRoute } from '../auth/token-route.js';
import { chatRoute } from '../chat/chat-route.js';
import { dictionaryRoutes } from '../dictionaries/dictionary-routes.js';
import { batchRoute, olderBatchRoute } from '../stt/batch-route.js';
import { liveSocket, olderLiveSocket } from '../stt/live-socket.js';
import { ttsRoutes } from '../tts/tts-routes.js';
import { ttsSocket } from '../tts/tts-socket.js';
import { cloningRoutes } from '../voices/cloning-routes.js';
import { voiceCatalogueRoute, voicesRoute } from '../voices/voices-routes.js';
import { mountSocket } from './socket-mount.js';
import type { WavesRoute, WavesServices } from './waves-route.js';

/** Every route of Waves over HTTP. */
export const wavesRoutes: readonly WavesRoute[] = [
  ...ttsRoutes,
  batchRoute,
  olderBatchRoute,
  voicesRoute,
  voiceCatalogueRoute,
  ...cloningRoutes,
  ...dictionaryRoutes,
  chatRoute,
  tokenRoute,
];

/** Every socket of Waves that needs no more than the layers. */
export function mountSockets(sockets: SocketRoutes, services: WavesServices): void {
  mountSocket(sockets, services, ttsSocket);
  mountSocket(sockets, services, liveSocket);
  mountSocket(sockets, services, olderLiveSocket);
}
