import { WebSocket } from 'ws';
import { refusalOf } from './server-refusal.js';
import type { OpenSocket, SocketLike } from './socket-like.js';

/** Certificates that a connection may rest on, PEM; undefined for those that Node trusts by itself. */
export type Trust = () => readonly string[] | undefined;

const largestMessageBytes = 16 * 1024 ** 2;
const largestRefusalBytes = 4_096;
const handshakeTimeoutMs = 10_000;

/** Opens sockets with `ws`. A refused upgrade is reported with the server's own reason. */
export function nodeSockets(apiKey?: string, trust?: Trust): OpenSocket {
  return (url, protocols) => open(url, protocols, apiKey, trust?.());
}

function open(
  url: string,
  protocols: readonly string[],
  apiKey: string | undefined,
  ca: readonly string[] | undefined,
): SocketLike {
  const socket = new WebSocket(url, [...protocols], {
    ...(apiKey === undefined ? {} : { headers: { authorization: `Bearer ${apiKey}` } }),
    ...(ca ? { ca: [...ca] } : {}),
    // Base64 audio hardly shrinks, and compression adds latency to what is measured.
    perMessageDeflate: false,
    maxPayload: largestMessageBytes,
    handshakeTimeout: handshakeTimeoutMs,
  });
  socket.on('unexpected-response', (_request, response) => {
    let body = '';
    const refuse = (): void => {
      const { statusCode: status = 0, headers } = response;
      socket.emit('error', refusalOf({ url, status, body, retryAfter: headers['retry-after'] ?? null }));
      socket.terminate();
    };
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      body += part.slice(0, largestRefusalBytes - body.length);
      if (body.length >= largestRefusalBytes) response.destroy();
    });
    response.once('close', refuse);
    response.on('error', () => {});
    response.setTimeout(2_000, () => response.destroy());
  });
  return socket;
}
