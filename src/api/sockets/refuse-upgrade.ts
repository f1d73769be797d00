import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** A peer that does not take its answer is cut off after this. */
const lingerMs = 2_000;

/** An answer to an upgrade that is refused, in whatever form a dialect gives it. */
export type UpgradeAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body: unknown;
};

export type Refusal = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** The form that errors have where a dialect has no other: OpenAI's. */
export function usualAnswer({ status, code, message, headers = {} }: Refusal): UpgradeAnswer {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return { status, headers, body: { error: { message, type, param: null, code } } };
}

/** Answers an upgrade with an HTTP error and closes the connection. */
export function refuseUpgrade(socket: Duplex, { status, headers = {}, body }: UpgradeAnswer): void {
  const json = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(json)}`,
    // A line break would end the header.
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value.replace(/[^\x20-\x7e]/g, ' ')}`),
  ];
  const lingering = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(lingering));
  socket.on('error', () => {});
  socket.end(`${lines.join('\r\n')}\r\n\r\n${json}`, () => socket.destroy());
}
