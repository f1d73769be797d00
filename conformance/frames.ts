import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Surroundings } from './case.js';
import { until } from './checks.js';

export type Frame = { readonly [key: string]: unknown };

/** A plain WebSocket, for message sequences of clients that are not written in JavaScript. */
export type FrameSocket = {
  /** What came as JSON. */
  readonly frames: readonly Frame[];
  send(message: Frame | Uint8Array): void;
  /** The first frame from `from` on that is so, once it is there. */
  wait(what: string, wanted: (frame: Frame) => boolean, from?: number): Promise<Frame>;
  /** The close code, once the server has closed. */
  closed(): Promise<number>;
};

/** Opens a socket with the key as a bearer token, talks, and closes it whatever happens. */
export async function withFrames(
  at: Surroundings,
  signal: AbortSignal,
  { path, headers = {} }: { readonly path: string; readonly headers?: Readonly<Record<string, string>> },
  talk: (socket: FrameSocket) => Promise<void>,
): Promise<void> {
  const socket = new WebSocket(`${at.socketUrl}${path}`, {
    headers: { authorization: `Bearer ${at.apiKey}`, ...headers },
  });
  const frames: Frame[] = [];
  let code: number | undefined;
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  socket.on('close', (closedWith) => {
    code = closedWith;
  });
  const summary = (): string => {
    const last = JSON.stringify(frames.at(-1) ?? {}).slice(0, 200);
    return `${frames.length} frames, the last: ${last}${code === undefined ? '' : `; closed with ${code}`}`;
  };
  try {
    await once(socket, 'open', { signal });
    await talk({
      frames,
      send: (message) => socket.send(message instanceof Uint8Array ? message : JSON.stringify(message)),
      async wait(what, wanted, from = 0) {
        let found: Frame | undefined;
        await until(
          what,
          signal,
          () => {
            found = frames.slice(from).find(wanted);
            if (!found && code !== undefined) throw new Error(`closed with ${code} instead of ${what}; ${summary()}`);
            return found !== undefined;
          },
          summary,
        );
        return found as Frame;
      },
      async closed() {
        await until('the end', signal, () => code !== undefined, summary);
        return code as number;
      },
    });
  } finally {
    socket.terminate();
  }
}
