import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const answerWithinMs = 15_000;

/** What a server answered to raw bytes: HTTP, or the frames behind an upgrade. */
export class RawConnection {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #over = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#over = true;
      this.#wake?.();
    });
    socket.on('end', () => {
      this.#over = true;
      this.#wake?.();
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    const connection = new RawConnection(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return connection;
  }

  /** Opens a socket by hand. @param path @defaultValue a realtime session */
  static async upgraded(
    port: number,
    path?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RawConnection> {
    const connection = await RawConnection.open(port);
    connection.write(upgradeRequest(headers, path));
    await connection.until((text) => text.includes('\r\n\r\n'));
    const end = connection.#received.indexOf('\r\n\r\n') + 4;
    if (!connection.text.startsWith('HTTP/1.1 101')) throw new Error(`no upgrade: ${connection.text.slice(0, 200)}`);
    connection.#received = connection.#received.subarray(end);
    return connection;
  }

  get text(): string {
    return this.#received.toString('latin1');
  }

  get over(): boolean {
    return this.#over;
  }

  write(data: string | Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(data);
  }

  /** As `write`, waiting for room in the network's buffers as long as the other side reads. @returns whether there was room */
  async writeWhenRead(data: Uint8Array, patienceMs: number): Promise<boolean> {
    if (this.#over || this.socket.destroyed) return false;
    if (this.socket.write(data)) return true;
    return new Promise((resolve) => {
      const settle = (took: boolean) => (): void => {
        clearTimeout(timer);
        this.socket.off('drain', onDrain);
        this.socket.off('close', onClose);
        resolve(took);
      };
      const onDrain = settle(true);
      const onClose = settle(false);
      const timer = setTimeout(settle(false), patienceMs);
      this.socket.once('drain', onDrain);
      this.socket.once('close', onClose);
    });
  }

  /** The HTTP status of the answer. */
  async status(): Promise<number> {
    await this.until((text) => text.includes('\r\n\r\n'));
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.text)?.[1]);
  }

  /** The code of the server's close frame. */
  async closeCode(): Promise<number> {
    await this.until(() => this.closeCodeSoFar() !== undefined);
    return this.closeCodeSoFar() ?? 0;
  }

  /** The same; undefined while there is none. */
  closeCodeSoFar(): number | undefined {
    return closeCodeOf(this.#received);
  }

  /** Resolves when the network has taken what was written. */
  async flushed(): Promise<void> {
    if (this.socket.writableLength > 0) await new Promise((resolve) => this.socket.once('drain', resolve));
  }

  /** @throws with what has come when the connection ends, or it takes too long */
  async until(reached: (text: string) => boolean): Promise<void> {
    const deadline = performance.now() + answerWithinMs;
    const late = setTimeout(() => this.#wake?.(), answerWithinMs + 10);
    try {
      while (!reached(this.text)) {
        if (this.#over || performance.now() > deadline)
          throw new Error(`${this.#over ? 'ended' : 'late'} after ${JSON.stringify(this.text.slice(-300))}`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(late);
    }
  }

  /** Resolves when the other side has ended the connection. */
  async ended(): Promise<void> {
    await this.until(() => this.#over);
  }

  destroy(): void {
    this.socket.destroy();
  }
}

export function upgradeRequest(headers: Readonly<Record<string, string>> = {}, path = '/v1/realtime'): string {
  const all = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

export type FrameOptions = {
  /** @defaultValue 1, text */
  readonly opcode?: number;
  /** @defaultValue true */
  readonly fin?: boolean;
  /** @defaultValue true, as clients must */
  readonly masked?: boolean;
  /** What the header says, whatever follows. @defaultValue the payload's length */
  readonly announcedBytes?: number;
  readonly reserved?: boolean;
};

/** A WebSocket frame (RFC 6455 §5.2), right or wrong. */
export function frame(payload: string | Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = 1, fin = true, masked = true, reserved = false } = options;
  const body = Buffer.from(payload as Uint8Array);
  const length = options.announcedBytes ?? body.length;
  const small = length < 126;
  const medium = !small && length < 65_536;
  const header = Buffer.alloc(2 + (small ? 0 : medium ? 2 : 8));
  header[0] = (fin ? 0x80 : 0) | (reserved ? 0x40 : 0) | opcode;
  header[1] = (masked ? 0x80 : 0) | (small ? length : medium ? 126 : 127);
  if (medium) header.writeUInt16BE(length, 2);
  else if (!small) header.writeBigUInt64BE(BigInt(length), 2);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([header, masked ? Buffer.alloc(4) : Buffer.alloc(0), body]);
}

/** Looks through whole server frames for a close. */
function closeCodeOf(bytes: Buffer): number | undefined {
  for (let at = 0; at + 2 <= bytes.length; ) {
    const opcode = (bytes[at] ?? 0) & 0x0f;
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const headerBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (at + headerBytes > bytes.length) return undefined;
    const length =
      short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short === 126 ? bytes.readUInt16BE(at + 2) : short;
    if (at + headerBytes + length > bytes.length) return undefined;
    if (opcode === 8) return length >= 2 ? bytes.readUInt16BE(at + headerBytes) : 1_005;
    at += headerBytes + length;
  }
  return undefined;
}
