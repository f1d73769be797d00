/** What a socket of any dialect may take; realtime sessions have limits of their own. */
export type SocketLimits = {
  /** Open sockets of all dialects together. @defaultValue 64 */
  readonly maxConnections: number;
  /** One message; more closes the socket with 1009. @defaultValue 2 MiB, a minute of 16 kHz PCM16 */
  readonly maxMessageBytes: number;
  /** Frames of one message; more closes the socket with 1008. @defaultValue 4096 */
  readonly maxFragments: number;
  /** Pieces in which the network delivers a frame; more closes the socket with 1008. @defaultValue 16384 */
  readonly maxChunks: number;
  /** Faster clients are slowed down; pings count as messages. @defaultValue 2000 */
  readonly maxMessagesPerSecond: number;
  /** Messages that wait to be dealt with; the socket is not read while a quarter waits. @defaultValue 32768 */
  readonly maxWaitingMessages: number;
  /** Their length together, to which the same applies. @defaultValue 8 MiB */
  readonly maxWaitingBytes: number;
  /** Output that the client has not read; more closes the socket with 1008. @defaultValue 2 MiB */
  readonly maxBufferedBytes: number;
  /** A client that makes no room for output in this time is closed with 1008. @defaultValue 60000 */
  readonly readTimeoutMs: number;
  /** A peer that does not answer one ping before the next is gone. @defaultValue 20000 */
  readonly pingIntervalMs: number;
  /** A socket over which nothing is said in either direction, while no work is being done, is closed with 1008. @defaultValue 300000 */
  readonly idleMs: number;
  /** How long a peer may take to agree to a close, and a dialect to end its work. @defaultValue 2000 */
  readonly closeTimeoutMs: number;
  /** How often what a long session uses is counted. @defaultValue 30000 */
  readonly countEveryMs: number;
};

export const defaultSocketLimits: SocketLimits = {
  maxConnections: 64,
  maxMessageBytes: 2 * 1024 ** 2,
  maxFragments: 4_096,
  maxChunks: 16_384,
  maxMessagesPerSecond: 2_000,
  maxWaitingMessages: 32_768,
  maxWaitingBytes: 8 * 1024 ** 2,
  maxBufferedBytes: 2 * 1024 ** 2,
  readTimeoutMs: 60_000,
  pingIntervalMs: 20_000,
  idleMs: 300_000,
  closeTimeoutMs: 2_000,
  countEveryMs: 30_000,
};
