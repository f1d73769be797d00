import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { refuseUpgrade, type UpgradeAnswer, usualAnswer } from './refuse-upgrade.js';

export type UpgradeServer = HttpServer | HttpsServer;

/** A request to become a socket. Whoever takes it answers it, and listens to the errors of `socket`. */
export type Upgrade = {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly url: URL;
};

/**
 * The one listener to upgrades of an HTTP server: each path is taken by one endpoint, and the others are refused.
 */
export class UpgradeRouter {
  readonly #server: UpgradeServer;
  readonly #endpoints = new Map<string, (upgrade: Upgrade) => void>();
  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const url = urlOf(request);
    const take = url && this.#endpoints.get(url.pathname);
    if (take) take({ request, socket, head, url });
    else refuseUpgrade(socket, this.#notFound());
  };

  constructor(server: UpgradeServer) {
    this.#server = server;
    server.on('upgrade', this.#onUpgrade);
  }

  /**
   * @returns gives the path up; idempotent
   * @throws Error when the path is taken
   */
  on(path: string, take: (upgrade: Upgrade) => void): () => void {
    if (this.#endpoints.has(path)) throw new Error(`${path} is served by two endpoints.`);
    this.#endpoints.set(path, take);
    return () => {
      if (this.#endpoints.get(path) === take) this.#endpoints.delete(path);
    };
  }

  /** Where sockets are opened. */
  get paths(): readonly string[] {
    return [...this.#endpoints.keys()];
  }

  close(): void {
    this.#server.off('upgrade', this.#onUpgrade);
  }

  #notFound(): UpgradeAnswer {
    const message = 'Nothing is served as a socket here; /docs lists the sockets that there are.';
    return usualAnswer({ status: 404, code: 'not_found', message });
  }
}

function urlOf({ url }: IncomingMessage): URL | undefined {
  const relative = url?.startsWith('/') ? `http://server${url}` : '';
  return URL.canParse(relative) ? new URL(relative) : undefined;
}
