import { ParleyError } from '../audio/error.js';
import type { OpenSocket } from './socket-like.js';

/** Which server, and how it is reached. */
export type ServerOptions = {
  /** `http://HOST:PORT` or `https://HOST:PORT`, with a path when the server is behind one. */
  readonly baseUrl: string;
  /** A key of the server, or a short-lived token of it. In browsers only the latter. */
  readonly apiKey?: string;
  /** @defaultValue the global `fetch` */
  readonly fetch?: typeof fetch;
  /** @defaultValue in Node the package `ws`, elsewhere the global `WebSocket` */
  readonly openSocket?: OpenSocket;
};

/**
 * The address of something on the server.
 * @throws ParleyError `client.bad_url` (400)
 */
export function addressOf({ baseUrl }: ServerOptions, path: string, query: Readonly<Record<string, string>> = {}): URL {
  if (!URL.canParse(baseUrl) || !/^(https?|wss?):$/.test(new URL(baseUrl).protocol))
    throw new ParleyError(`"${baseUrl}" is no address of a server; expected one such as http://127.0.0.1:8787.`, {
      code: 'client.bad_url',
      status: 400,
    });
  const url = new URL(baseUrl);
  url.protocol = url.protocol.replace(/^ws/, 'http');
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** The same as an address of a socket. */
export function socketAddressOf(server: ServerOptions, path: string, query: Readonly<Record<string, string>>): string {
  const url = addressOf(server, path, query);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  return url.href;
}
