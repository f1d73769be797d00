/** `parley/client` in Node: the same, with sockets of the package `ws` where no others are given. */
import { nodeSockets } from './node-socket.js';
import { createParleyClient as createClient, type ParleyClient } from './parley-client.js';
import type { ServerOptions } from './server-address.js';

export * from './browser.js';
export { nodeSockets, type Trust } from './node-socket.js';

/** As in a browser; a key is sent as a header. */
export function createParleyClient(server: ServerOptions): ParleyClient {
  return createClient({ ...server, openSocket: server.openSocket ?? nodeSockets(server.apiKey) });
}
