import type { onRouteHookHandler, RouteOptions } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers whoever asks, with or without a key. */
    readonly open?: true;
  }
}

/**
 * Of the few routes that need no key, wherever the server can be reached from: whether it lives and is ready, and pages
 * that are the same for everybody, on which a key is then given.
 */
export const openRoute = { config: { open: true } } as const;

/** What the server answers: a route of HTTP, or a path where a socket is opened. */
export type ServedRoute = {
  readonly kind: 'http' | 'socket';
  readonly method: string;
  /** Parameters as `:name`. */
  readonly path: string;
  readonly open: boolean;
};

/** A hook that notes each route as it is registered. */
export function noteRoutes(into: ServedRoute[]): onRouteHookHandler {
  return ({ method, url, config }: RouteOptions) => {
    const open = config !== undefined && 'open' in config && config.open === true;
    for (const each of [method].flat()) into.push({ kind: 'http', method: each, path: url, open });
  };
}
