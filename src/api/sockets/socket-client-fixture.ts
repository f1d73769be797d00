import { type ClientOptions, WebSocket } from 'ws';

/** What came as JSON, read as loosely as a test needs. */
export type SeenMessage = { readonly type: string; readonly [field: string]: unknown };

/** A client that keeps what comes. */
export type SocketClient = {
  readonly socket: WebSocket;
  readonly messages: SeenMessage[];
  /** What came as bytes. */
  readonly audio: Buffer[];
  /** Of the answer to the upgrade. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  send(message: object): void;
  /** Sends bytes as they are, in pieces. */
  stream(bytes: Uint8Array): void;
  /** The next message of this type that no earlier call has returned. */
  next(type: string): Promise<SeenMessage>;
  /** The first message that is such a one, of those that are there and those to come. */
  until(isIt: (message: SeenMessage) => boolean): Promise<SeenMessage>;
};

export type SocketClientOptions = ClientOptions & { readonly protocols?: readonly string[] };

/** An upgrade that was answered with something else. */
export class SocketRefused extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;

  constructor(status: number, headers: Readonly<Record<string, unknown>>, body: string) {
    super(body);
    this.status = status;
    this.headers = headers;
  }

  /** The answer, as JSON. */
  get body(): unknown {
    return JSON.parse(this.message);
  }
}

/** 20 ms of PCM16 at 16 kHz. */
const pieceBytes = 640;

/** @throws SocketRefused when the server does not take the upgrade */
export async function openSocketClient(url: string, options: SocketClientOptions = {}): Promise<SocketClient> {
  const { protocols = [], ...clientOptions } = options;
  const socket = new WebSocket(url, [...protocols], { perMessageDeflate: false, ...clientOptions });
  const messages: SeenMessage[] = [];
  const audio: Buffer[] = [];
  const returned = new Set<SeenMessage>();
  let headers: Readonly<Record<string, unknown>> = {};
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const goOn of waiting.splice(0)) goOn();
  };
  socket.once('upgrade', (response) => {
    headers = response.headers;
  });
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) audio.push(data);
    else messages.push(JSON.parse(data.toString()) as SeenMessage);
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (part: Buffer) => {
        body += part.toString();
      });
      response.on('end', () => reject(new SocketRefused(response.statusCode ?? 0, response.headers, body)));
    });
  });
  socket.on('error', () => {});

  const until = async (isIt: (message: SeenMessage) => boolean): Promise<SeenMessage> => {
    for (;;) {
      const found = messages.find(isIt);
      if (found) return found;
      if (socket.readyState === WebSocket.CLOSED) throw new Error(`closed; it had sent ${JSON.stringify(messages)}`);
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return {
    socket,
    messages,
    audio,
    headers,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    stream(bytes) {
      for (let at = 0; at < bytes.length; at += pieceBytes) socket.send(bytes.subarray(at, at + pieceBytes));
    },
    async next(type) {
      const found = await until((message) => message.type === type && !returned.has(message));
      returned.add(found);
      return found;
    },
    until,
  };
}

/** How a server that takes no upgrade puts it. @throws when it is taken */
export async function refusalOf(url: string, options?: SocketClientOptions): Promise<SocketRefused> {
  try {
    const { socket } = await openSocketClient(url, options);
    socket.terminate();
  } catch (error) {
    if (error instanceof SocketRefused) return error;
    throw error;
  }
  throw new Error('the upgrade was taken');
}
