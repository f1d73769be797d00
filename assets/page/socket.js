/** About four seconds of audio: beyond it the network is too slow for a call, and old audio is worth nothing. */
const maxBufferedBytes = 256 * 1024;

/**
 * The realtime socket: JSON both ways.
 * @param {string} url
 * @param {{ onEvent(event: Record<string, any>): void, onClose(close: { code: number, reason: string, opened: boolean }): void }} handlers
 */
export function openSocket(url, { onEvent, onClose }) {
  const socket = new WebSocket(url);
  const stats = { sentFrames: 0, skippedFrames: 0 };
  let opened = false;
  socket.onopen = () => {
    opened = true;
  };
  socket.onmessage = ({ data }) => {
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      return;
    }
    if (typeof event?.type === 'string') onEvent(event);
  };
  socket.onclose = ({ code, reason }) => onClose({ code, reason, opened });

  return {
    stats,
    send(event) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(event));
    },
    /** @param {string} audio base64 */
    sendAudio(audio) {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (socket.bufferedAmount > maxBufferedBytes) {
        stats.skippedFrames += 1;
        return;
      }
      stats.sentFrames += 1;
      socket.send(`{"type":"input_audio_buffer.append","audio":"${audio}"}`);
    },
    close() {
      socket.onclose = null;
      socket.onmessage = null;
      socket.close(1000);
    },
  };
}

/** @returns {string} the realtime endpoint of the server that served this page */
export function realtimeUrl() {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/realtime?model=parley`;
}
