import { WebSocket } from 'ws';

/** WebSocket close codes, RFC 6455 §7.4.1 and the IANA registry. */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  unsupportedData: 1003,
  policyViolation: 1008,
  tooBig: 1009,
  internalError: 1011,
  tryAgainLater: 1013,
  /** Of our own: the session to resume is not known, or not any more. */
  noSuchSession: 4404,
} as const;

/** What a close is said to be that no frame announced, RFC 6455 §7.1.5. */
const abnormal = 1006;

/** Share of what may wait for the peer below which there is room for more. */
const roomShare = 1 / 4;

/** Longest reason that fits a close frame, RFC 6455 §5.5. */
const longestReasonBytes = 123;

export type BoundedSocketOptions = {
  /** Bytes that may wait for the peer to read them. */
  readonly maxBufferedBytes: number;
  /** A peer that does not answer one ping before the next is taken to be gone. */
  readonly pingIntervalMs: number;
  /** How long the peer may take to agree to a close. */
  readonly closeTimeoutMs: number;
  /** Messages and pings a second; more are left in the network's buffers until the second is over. */
  readonly maxMessagesPerSecond: number;
  readonly onMessage: (data: Buffer, isBinary: boolean) => void;
  /** No more messages come or go; called once, for whatever cause. `lost`: neither side has ended the connection. */
  readonly onEnd: (reason: string, lost: boolean) => void;
};

/**
 * A WebSocket that grows no buffer for a peer that is slow, silent, flooding or gone. Answers pings itself: the socket
 * must not do so (`autoPong: false`).
 */
export class BoundedSocket {
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #options: BoundedSocketOptions;
  readonly #pinging: NodeJS.Timeout;
  #closing: NodeJS.Timeout | undefined;
  #resuming: NodeJS.Timeout | undefined;
  #held = false;
  #alive = true;
  #ended = false;
  #wanting: (() => void)[] = [];
  /** The peer has broken the protocol. */
  #faulty = false;
  #windowStartMs = 0;
  #messagesInWindow = 0;

  constructor(socket: WebSocket, options: BoundedSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    this.closed = new Promise((resolve) => {
      socket.once('close', (code: number, reason: Buffer) => {
        clearInterval(this.#pinging);
        clearTimeout(this.#closing);
        clearTimeout(this.#resuming);
        this.#end(reason.toString() || `the peer closed the connection (${code})`, code === abnormal && !this.#faulty);
        resolve();
      });
    });
    // What is wrong with a frame, `ws` tells the peer in its close code; 'close' follows.
    socket.on('error', () => {
      this.#faulty = true;
    });
    socket.on('pong', () => {
      this.#alive = true;
      this.#meter();
    });
    socket.on('ping', (data: Buffer) => {
      this.#alive = true;
      if (!this.open) return;
      this.#meter();
      socket.pong(data);
      this.#boundOutput();
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.#alive = true;
      if (this.#ended) return;
      this.#meter();
      options.onMessage(data, isBinary);
    });
    this.#pinging = setInterval(() => this.#ping(), options.pingIntervalMs);
  }

  get open(): boolean {
    return !this.#ended && this.#socket.readyState === WebSocket.OPEN;
  }

  /** Sends text or bytes, or closes the connection when the peer reads too slowly. Nothing happens after the end. */
  send(data: string | Uint8Array): void {
    if (!this.open) return;
    this.#socket.send(data, this.#onSent);
    this.#boundOutput();
  }

  /** Resolves when little waits for the peer, or the connection has ended: for whoever can make output wait. */
  async room(): Promise<void> {
    while (!this.#hasRoom) await new Promise<void>((resolve) => this.#wanting.push(resolve));
  }

  /** Leaves what the peer sends in the network's buffers, until it is called with false. */
  hold(held: boolean): void {
    this.#held = held;
    this.#regulate();
  }

  /** Says goodbye, and breaks off when the peer does not answer in time. Idempotent. */
  close(code: number, reason: string): void {
    if (this.#closing !== undefined || this.#socket.readyState === WebSocket.CLOSED) return;
    this.#closing = setTimeout(() => this.#socket.terminate(), this.#options.closeTimeoutMs);
    this.#regulate();
    this.#socket.close(code, fitting(reason));
    this.#end(reason);
  }

  get #hasRoom(): boolean {
    return !this.open || this.#socket.bufferedAmount <= this.#options.maxBufferedBytes * roomShare;
  }

  readonly #onSent = (): void => {
    if (this.#wanting.length > 0 && this.#hasRoom) this.#tellRoom();
  };

  #tellRoom(): void {
    for (const resolve of this.#wanting.splice(0)) resolve();
  }

  #end(reason: string, lost = false): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#tellRoom();
    this.#options.onEnd(reason, lost);
  }

  #boundOutput(): void {
    const { maxBufferedBytes } = this.#options;
    if (this.#socket.bufferedAmount > maxBufferedBytes)
      this.close(closeCodes.policyViolation, `more than ${maxBufferedBytes} bytes were sent and not read`);
  }

  /** A peer that is to agree to a close must be heard. */
  #regulate(): void {
    const pause = this.#closing === undefined && (this.#held || this.#resuming !== undefined);
    if (pause === this.#socket.isPaused) return;
    if (pause) this.#socket.pause();
    else {
      // Its answer to the last ping may be among what could not be read.
      this.#alive = true;
      this.#socket.resume();
    }
  }

  #ping(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    // Nothing is read while paused, so silence says nothing.
    if (!this.#alive && !this.#socket.isPaused) {
      this.#end('the peer did not answer a ping', true);
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    this.#socket.ping();
  }

  #meter(): void {
    const nowMs = performance.now();
    if (nowMs - this.#windowStartMs >= 1_000) {
      this.#windowStartMs = nowMs;
      this.#messagesInWindow = 0;
    }
    this.#messagesInWindow += 1;
    if (this.#messagesInWindow < this.#options.maxMessagesPerSecond || this.#resuming !== undefined) return;
    this.#resuming = setTimeout(
      () => {
        this.#resuming = undefined;
        this.#regulate();
      },
      Math.max(1, 1_000 - (nowMs - this.#windowStartMs)),
    );
    this.#regulate();
  }
}

function fitting(reason: string): string {
  let fits = reason.slice(0, longestReasonBytes);
  while (Buffer.byteLength(fits) > longestReasonBytes) fits = fits.slice(0, -1);
  return fits;
}
