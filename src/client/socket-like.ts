/** What the client needs of a WebSocket: the browser's, Node 22's and that of `ws` all have it. */
export type SocketLike = {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  /** Only `ws` says what went wrong; a browser gives an empty event. */
  addEventListener(
    type: 'error',
    listener: (event: { readonly error?: unknown; readonly message?: string }) => void,
  ): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
};

/** Starts a connection and returns the socket, not open yet. */
export type OpenSocket = (url: string, protocols: readonly string[]) => SocketLike;
