import { closeCodes } from '../../channels/socket/bounded-socket.js';
import type { Layers } from '../../platform/layers/layers.js';
import { ignoredHeaders } from '../openai/rest/ignored.js';
import { deepgramCredentials, keyProtocols } from './credentials.js';
import { deepgramError } from './deepgram-error.js';

export type SocketMeans = {
  /** @throws ParleyError `server.not_ready` (503) */
  readonly layers: () => Layers;
  readonly onFault: (error: unknown) => void;
};

/** A client that says nothing, not even `KeepAlive`, is let go after this; Deepgram's clients know that. */
export const silenceMs = 10_000;

/** What all sockets of the dialect have in common. */
export const socketBasics = {
  credentials: deepgramCredentials,
  subprotocols: keyProtocols,
  refuse: deepgramError,
  headers: (id: string, ignored: readonly string[] = []) => ({ 'dg-request-id': id, ...ignoredHeaders(ignored) }),
} as const;

/** For sockets that listen. */
export const listeningBasics = {
  ...socketBasics,
  limits: { idleMs: silenceMs },
  idleClose: {
    code: closeCodes.internalError,
    reason: `NET-0001: no audio and no message came for ${silenceMs / 1_000} seconds`,
  },
} as const;
