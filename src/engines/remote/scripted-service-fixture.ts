import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../../observability/system-clock.js';
import { ApiKey } from './api-key.js';
import type { RemoteDeadlines } from './limits.js';
import type { RemoteApiOptions } from './remote-api.js';

export type ScriptedRequest = {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
};

/** How a scripted service answers; also what is told of the answer afterwards. */
export class ScriptedAnswer {
  readonly #response: ServerResponse;
  #leftAt: number | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.on('close', () => {
      if (!response.writableEnded) this.#leftAt = performance.now();
    });
  }

  /** The client has left before the end. */
  get left(): boolean {
    return this.#leftAt !== undefined;
  }

  json(value: unknown, status = 200, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.#response.end(JSON.stringify(value));
  }

  refuse(status: number, body: string, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, headers);
    this.#response.end(body);
  }

  begin(type: string): void {
    this.#response.writeHead(200, { 'content-type': type });
    this.#response.flushHeaders();
  }

  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#response.write(data, () => resolve());
    });
  }

  event(value: unknown): Promise<void> {
    return this.write(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
  }

  end(): void {
    this.#response.end();
  }

  /** Without the last chunk, as a process that dies. */
  breakOff(): void {
    this.#response.destroy();
  }
}

/** A remote service as a test has written it down, on a port of this machine. */
export class ScriptedService {
  readonly requests: ScriptedRequest[] = [];
  readonly answers: ScriptedAnswer[] = [];
  readonly sockets: WebSocket[] = [];
  readonly key = new ApiKey('SCRIPTED_KEY', 'sk-scripted-0123456789');
  answer: (request: ScriptedRequest, answer: ScriptedAnswer) => void | Promise<void> = (_request, answer) =>
    answer.refuse(404, 'nothing is scripted');
  onSocket: (socket: WebSocket, request: ScriptedRequest) => void = (socket) => socket.close(1011);
  /** Answers the upgrade of a socket instead of taking it. */
  refuseUpgrade: { readonly status: number; readonly headers?: string[]; readonly body?: string } | undefined;
  readonly #server: Server;
  readonly #upgrades = new WebSocketServer({ noServer: true });

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#take(request, response);
    });
    this.#server.on('upgrade', (request, socket, head) => {
      const taken = requestOf(request, Buffer.alloc(0));
      this.requests.push(taken);
      if (this.refuseUpgrade) {
        const { status, headers = [], body = '' } = this.refuseUpgrade;
        const lines = [
          `HTTP/1.1 ${status} No`,
          ...headers,
          `content-length: ${Buffer.byteLength(body)}`,
          'connection: close',
        ];
        socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
        return;
      }
      this.#upgrades.handleUpgrade(request, socket, head, (opened) => {
        this.sockets.push(opened);
        opened.on('error', () => {});
        this.onSocket(opened, taken);
      });
    });
  }

  static async open(): Promise<ScriptedService> {
    const service = new ScriptedService();
    await new Promise<void>((resolve) => service.#server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** Options of an engine that uses this service. */
  api(deadlines: Partial<RemoteDeadlines> = {}): RemoteApiOptions {
    return { provider: 'scripted', url: this.url, key: this.key, clock: systemClock, deadlines };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    const answer = new ScriptedAnswer(response);
    try {
      for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    } catch {
      return;
    }
    const taken = requestOf(request, Buffer.concat(parts));
    this.requests.push(taken);
    this.answers.push(answer);
    await this.answer(taken, answer);
  }
}

function requestOf(request: IncomingMessage, body: Buffer): ScriptedRequest {
  const url = new URL(request.url ?? '/', 'http://localhost');
  return { path: url.pathname, query: url.searchParams, headers: request.headers, body };
}

/** Waits until something is so, as long as a test may take. */
export async function until(reached: () => boolean): Promise<void> {
  const patienceMs = 5_000;
  const startedMs = performance.now();
  while (!reached()) {
    if (performance.now() - startedMs > patienceMs) throw new Error('What the test waits for has not happened.');
    await sleep(5);
  }
}
