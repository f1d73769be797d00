import type { ClientEvent } from '../../../../src/client/client-events.js';
import { int16Samples, pcm16ToBase64 } from '../../../../src/client/pcm.js';
import { connectRealtime, type RealtimeClient } from '../../../../src/client/realtime-client.js';
import type { ServerEvent } from '../../../../src/client/server-events.js';

/** About four seconds of audio: beyond it the network is too slow for a call, and old audio is worth nothing. */
const maxBufferedBytes = 256 * 1024;

export type Connection = {
  readonly stats: { readonly sentFrames: number; readonly skippedFrames: number };
  /** Dropped when the connection is closing: `onEnd` says so. */
  send(event: ClientEvent): void;
  /** `frame` is at 24 kHz. Skipped when the network does not keep up. */
  sendAudio(frame: Float32Array): void;
  close(): void;
};

export type ConnectionHandlers = {
  readonly onOpen: () => void;
  readonly onEvent: (event: ServerEvent) => void;
  readonly onEnd: (end: { readonly code: number; readonly reason: string; readonly opened: boolean }) => void;
};

/** The realtime endpoint of the server that served this page. */
function realtimeUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/realtime?model=parley`;
}

/** Connects to the server's realtime endpoint; tells of its end once, whoever ended it. */
export function openConnection(apiKey: string | undefined, handlers: ConnectionHandlers): Connection {
  const { onOpen, onEvent, onEnd } = handlers;
  const stats = { sentFrames: 0, skippedFrames: 0 };
  const abort = new AbortController();
  let socket: WebSocket | undefined;
  let client: RealtimeClient | undefined;
  let open = false;
  let closed = { code: 1006, reason: '' };

  const ended = (reason: string): void => {
    const opened = client !== undefined;
    open = false;
    onEnd({ ...closed, reason: closed.reason || (opened ? '' : reason), opened });
  };
  connectRealtime({
    url: realtimeUrl(),
    ...(apiKey === undefined ? {} : { apiKey }),
    signal: abort.signal,
    onEvent,
    openSocket: (url, protocols) => {
      const opened = new WebSocket(url, [...protocols]);
      opened.addEventListener('close', ({ code, reason }) => {
        closed = { code, reason };
      });
      socket = opened;
      return opened;
    },
  }).then(
    (connected) => {
      client = connected;
      open = true;
      // After the client's own listeners: the close code is known by then.
      void connected.ended.then(() => ended(''));
      onOpen();
    },
    // A socket that was refused says nothing of why.
    (error: Error) => setTimeout(() => ended(closed.code === 1006 ? '' : error.message)),
  );

  const send = (event: ClientEvent): void => {
    if (!open || client === undefined) return;
    try {
      client.send(event);
    } catch {
      // The connection has ended meanwhile; `onEnd` follows.
    }
  };
  return {
    stats,
    send,
    sendAudio(frame) {
      if (!open || socket === undefined) return;
      if (socket.bufferedAmount > maxBufferedBytes) {
        stats.skippedFrames += 1;
        return;
      }
      stats.sentFrames += 1;
      send({ type: 'input_audio_buffer.append', audio: pcm16ToBase64(int16Samples(frame)) });
    },
    close() {
      abort.abort();
      void client?.close();
    },
  };
}
