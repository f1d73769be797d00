import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { WatchedProcess } from '../../bench/support/watched-process.js';
import { toneBase64 } from './tone.js';

const script = fileURLToPath(new URL('./scripted-house-process.ts', import.meta.url));
const startWithinMs = 30_000;
const answerWithinMs = 15_000;
const healthWithinMs = 5_000;

export type ServerEvent = { readonly type: string; readonly [key: string]: unknown };

/** A whole server process with scripted engines, to be treated badly. */
export class House {
  readonly process: WatchedProcess;
  readonly port: number;
  readonly dataDir: string;

  private constructor(watched: WatchedProcess, port: number, dataDir: string) {
    this.process = watched;
    this.port = port;
    this.dataDir = dataDir;
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<House> {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-house-'));
    const watched = new WatchedProcess(['--import', 'tsx', script], {
      PARLEY_PORT: '0',
      PARLEY_HOST: '127.0.0.1',
      PARLEY_DATA_DIR: dataDir,
      PARLEY_DRAIN_MS: '0',
      PARLEY_API_KEY: '',
      ...env,
    });
    const [, port] = await watched.wrote(/listens at https?:\/\/127\.0\.0\.1:(\d+)/, startWithinMs);
    await watched.wrote(/Ready after/, startWithinMs);
    return new House(watched, Number(port), dataDir);
  }

  get http(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get realtime(): string {
    return `ws://127.0.0.1:${this.port}/v1/realtime?model=parley`;
  }

  connect(options: { readonly apiKey?: string; readonly greeting?: false | string } = {}): Promise<HouseCall> {
    return HouseCall.open(this.realtime, options);
  }

  /** The status of an answer to `GET /health`, over a connection that is closed behind it. */
  async health(): Promise<number> {
    const request = get(`${this.http}/health`, { agent: false, signal: AbortSignal.timeout(healthWithinMs) });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response.statusCode ?? 0;
  }

  /** A whole call: says something and hears the answer. @returns what was heard */
  async talk(apiKey?: string): Promise<string> {
    const call = await this.connect({ greeting: false, ...(apiKey === undefined ? {} : { apiKey }) });
    try {
      return await call.exchange();
    } finally {
      await call.close();
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const how = await this.process.stop(signal);
    await rm(this.dataDir, { recursive: true, force: true });
    return how;
  }
}

/** A client of the house. */
export class HouseCall {
  readonly socket: WebSocket;
  readonly events: ServerEvent[] = [];
  /** Milliseconds of agent audio that have come. */
  audioMs = 0;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #wake: (() => void) | undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      const event = JSON.parse(data.toString()) as ServerEvent;
      if (event.type === 'response.output_audio.delta')
        this.audioMs += Buffer.from(String(event.delta), 'base64').length / 48;
      else this.events.push(event);
      this.#wake?.();
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake?.();
      });
    });
  }

  static async open(
    url: string,
    { apiKey, greeting }: { readonly apiKey?: string; readonly greeting?: false | string },
  ): Promise<HouseCall> {
    const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    const call = new HouseCall(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) => {
        response.resume();
        const { statusCode, headers: answered } = response;
        reject(Object.assign(new Error(`refused with ${statusCode}`), { status: statusCode, headers: answered }));
      });
    });
    if (greeting !== undefined) call.send({ type: 'session.update', session: { parley: { greeting } } });
    return call;
  }

  send(event: object): void {
    this.socket.send(JSON.stringify(event));
  }

  /** The next event of this type that has not been asked for. @throws when the socket closes, or it takes too long */
  async next(type: string): Promise<ServerEvent> {
    const late = setTimeout(() => this.#wake?.(), answerWithinMs + 10);
    const deadline = performance.now() + answerWithinMs;
    try {
      for (;;) {
        const at = this.events.findIndex((event) => event.type === type);
        if (at >= 0) return this.events.splice(0, at + 1).at(-1) as ServerEvent;
        if (this.socket.readyState >= WebSocket.CLOSING) throw new Error(`closed before ${type} came`);
        if (performance.now() > deadline)
          throw new Error(`no ${type}; what came: ${this.events.map((event) => event.type).join(', ')}`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * Says something, all at once, and waits for the whole answer. It is long enough not to be taken for an echo of the answer
   * before, which it follows at once.
   * @returns the answer's text
   */
  async exchange(): Promise<string> {
    this.send({ type: 'input_audio_buffer.append', audio: toneBase64(1_000, 1_600) });
    const done = await this.next('response.done');
    const { output } = done.response as {
      output: readonly { readonly content: readonly { readonly transcript: string }[] }[];
    };
    return output[0]?.content[0]?.transcript ?? '';
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
