/** What plain HTTP connections may take. A connection that has become a WebSocket has limits of its own. */
export type HttpLimits = {
  /** Open connections, WebSockets included; one more is closed at once. @defaultValue 256 */
  readonly maxConnections: number;
  /** More is answered with 413. @defaultValue 1 MiB */
  readonly maxBodyBytes: number;
  /** All headers of a request; more is answered with 431. @defaultValue 16 KiB */
  readonly maxHeaderBytes: number;
  /** From the beginning of a request to the end of its headers; later is answered with 408. @defaultValue 10000 */
  readonly headersMs: number;
  /** From the beginning of a request to its end; later is answered with 408. @defaultValue 30000 */
  readonly requestMs: number;
  /** A connection on which nothing moves is closed. @defaultValue 30000 */
  readonly idleMs: number;
  /** Between two requests of one connection. @defaultValue 5000 */
  readonly keepAliveMs: number;
  /** How often late requests are looked for. @defaultValue 2000 */
  readonly checkEveryMs: number;
};

export const defaultHttpLimits: HttpLimits = {
  maxConnections: 256,
  maxBodyBytes: 1024 ** 2,
  maxHeaderBytes: 16 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 30_000,
  keepAliveMs: 5_000,
  checkEveryMs: 2_000,
};
