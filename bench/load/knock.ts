import { WebSocket } from 'ws';

/** How the server answered somebody who called while all its places were taken. */
export type Answer = {
  /** Of the handshake; 101 when a socket was opened, and the refusal, if any, came over it. */
  readonly status: number;
  /** Of the error; null when there was none. */
  readonly code: string | null;
  /** As in the header of the answer; null without one. */
  readonly retryAfter: string | null;
};

/** Whoever has not been refused by then is in. */
const refusedWithinMs = 3_000;

/** Calls, notes how that is answered, and hangs up. */
export function knock(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const settle = (answer: Answer): void => {
      clearTimeout(late);
      socket.close();
      resolve(answer);
    };
    const late = setTimeout(() => settle({ status: 101, code: null, retryAfter: null }), refusedWithinMs);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'session.update', session: { type: 'realtime' } })));
    socket.on('message', (data) => {
      const event = JSON.parse(String(data)) as { readonly type: string; readonly error?: { readonly code?: string } };
      if (event.type === 'error') settle({ status: 101, code: event.error?.code ?? 'no code', retryAfter: null });
    });
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        settle({ status, code: codeIn(body), retryAfter: headers['retry-after'] ?? null });
      });
    });
    socket.on('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
  });
}

/** The error's code, or what stands in its place. */
function codeIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { readonly error?: { readonly code?: string } };
    return error?.code ?? 'no code';
  } catch {
    return 'no JSON';
  }
}
