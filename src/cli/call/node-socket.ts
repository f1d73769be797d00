import { WebSocket } from 'ws';
import { ParleyError } from '../../audio/error.js';
import type { OpenSocket, SocketLike } from '../../client/socket-like.js';
import type { Trust } from './trusted-certificates.js';

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
      socket.emit('error', refusal(url, response.statusCode ?? 0, body, response.headers['retry-after']));
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

function refusal(url: string, status: number, body: string, retryAfter: string | undefined): ParleyError {
  const reason = reasonIn(body);
  const advice =
    status === 503
      ? `The server is full or not ready; try again${retryAfter ? ` in ${retryAfter} s` : ' later'}.`
      : status === 401 || status === 403
        ? 'Set PARLEY_API_KEY to a key of the server.'
        : 'Check the address.';
  return new ParleyError(`${url} refused the call with HTTP ${status}${reason ? `: ${reason}` : ''}. ${advice}`, {
    code: 'client.refused',
    retryable: status === 503 || status === 429,
    status: status || 502,
  });
}

function reasonIn(body: string): string {
  try {
    const parsed = JSON.parse(body) as { error?: { message?: unknown } | null } | null;
    const message = parsed?.error?.message;
    return typeof message === 'string' ? message.replace(/\.$/, '') : '';
  } catch {
    return '';
  }
}
