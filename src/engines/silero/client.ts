import { Worker } from 'node:worker_threads';
import { ParleyError } from '../../ports/errors.js';
import { type VoiceActivity, type VoiceActivityStream, vadWindowSamples } from '../../ports/voice-activity.js';
import { entryBeside } from '../host/entry.js';
import type { SileroInit, SileroReply, SileroRequest } from './wire.js';

export type SileroOptions = {
  readonly modelPath: string;
  readonly limits?: Partial<SileroLimits>;
  /** The module that the worker runs. @defaultValue this engine's own */
  readonly entry?: URL;
  readonly log?: (event: SileroLogEvent) => void;
};

export type SileroLogEvent =
  | { readonly type: 'started'; readonly host: string }
  | { readonly type: 'died'; readonly host: string; readonly detail: string; readonly restartInMs: number };

export type SileroLimits = {
  /** A worker that has not loaded by then is ended. */
  readonly startMs: number;
  /** A window costs 0.3 ms: a worker that owes one for this long hangs, and is ended. */
  readonly windowMs: number;
  readonly firstRestartMs: number;
  readonly maxRestartMs: number;
};

export const defaultSileroLimits = {
  startMs: 30_000,
  windowMs: 1_000,
  firstRestartMs: 50,
  maxRestartMs: 5_000,
} as const satisfies SileroLimits;

/** Two seconds of windows: a call that is further behind is told so. */
const maxWaitingPerStream = 64;
const hostName = 'voice-activity';

type Waiting = { readonly resolve: (probability: number) => void; readonly reject: (error: Error) => void };

/**
 * Silero VAD v6 in a worker thread: 0.3 ms per 32 ms window, so it needs no lease and never waits for one. A worker that
 * dies or hangs is started again with back-off; windows pushed meanwhile fail at once, so that no call waits for it.
 */
export class SileroVoiceActivity implements VoiceActivity {
  readonly name = 'silero-v6.2';
  readonly #options: SileroOptions;
  readonly #limits: SileroLimits;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #starting: Promise<void> | undefined;
  #startingAgain = false;
  #failures = 0;
  #restart: NodeJS.Timeout | undefined;
  #overdue: NodeJS.Timeout | undefined;
  #nextStream = 1;
  #nextId = 1;
  #closed = false;

  constructor(options: SileroOptions) {
    this.#options = options;
    this.#limits = { ...defaultSileroLimits, ...options.limits };
  }

  /** Resolves when the worker has loaded. @throws ParleyError `host.died` (retryable) */
  start(): Promise<void> {
    this.#starting ??= this.#launch();
    return this.#starting;
  }

  open(_options: { readonly callId: string }): VoiceActivityStream {
    const stream = this.#nextStream++;
    let waiting = 0;
    let closed = false;
    return {
      push: async (window) => {
        if (closed) throw new ParleyError('This voice-activity stream is closed.', { code: 'vad.closed' });
        if (window.length !== vadWindowSamples)
          throw new ParleyError(`A voice-activity window has ${vadWindowSamples} samples, not ${window.length}.`, {
            code: 'vad.window_size',
          });
        if (waiting >= maxWaitingPerStream)
          throw new ParleyError('Voice activity is two seconds behind its audio.', {
            code: 'vad.busy',
            retryable: true,
          });
        waiting += 1;
        try {
          return await this.#ask(stream, window);
        } finally {
          waiting -= 1;
        }
      },
      close: () => {
        closed = true;
        this.#post({ type: 'forget', stream });
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    clearTimeout(this.#overdue);
    await this.#worker?.terminate();
  }

  async #ask(stream: number, window: Float32Array): Promise<number> {
    // Once terminated the worker answers nothing, and a window sent to it would wait for ever.
    if (this.#closed) throw new ParleyError('Voice activity is closed.', { code: 'vad.closed', status: 503 });
    if (this.#startingAgain) throw goneError('it is being started again');
    await this.start();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#overdue ??= setTimeout(() => this.#hangs(), this.#limits.windowMs);
      // A message takes the whole buffer along that a window is a part of.
      const own = window.byteLength === window.buffer.byteLength ? window : window.slice();
      this.#post({ type: 'window', stream, id, window: own });
    });
  }

  #post(request: SileroRequest): void {
    this.#worker?.postMessage(request);
  }

  #hangs(): void {
    this.#overdue = undefined;
    void this.#worker?.terminate();
  }

  #launch(): Promise<void> {
    const workerData: SileroInit = { modelPath: this.#options.modelPath };
    const worker = new Worker(this.#options.entry ?? entryBeside(import.meta.url, 'worker'), { workerData });
    this.#worker = worker;
    const started = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => void worker.terminate(), this.#limits.startMs);
      worker.on('message', (message: SileroReply) => {
        if (message.type === 'ready') {
          clearTimeout(late);
          this.#startingAgain = false;
          this.#options.log?.({ type: 'started', host: hostName });
          resolve();
        } else this.#settle(message);
      });
      let gone = false;
      const onGone = (detail: string): void => {
        // An error is followed by the exit, when the next worker may be at work already.
        if (gone) return;
        gone = true;
        clearTimeout(late);
        const error = goneError(detail);
        reject(error);
        for (const waiting of this.#waiting.values()) waiting.reject(error);
        this.#waiting.clear();
        clearTimeout(this.#overdue);
        this.#overdue = undefined;
        if (!this.#closed) this.#startAgain(detail);
      };
      worker.on('error', (error) => onGone(error.message));
      worker.on('exit', (code) => onGone(`code ${code}`));
    });
    // Whoever awaits start() sees the failure; a restart that nobody awaits must not end the process.
    started.catch(() => {});
    return started;
  }

  #startAgain(detail: string): void {
    this.#startingAgain = true;
    const { firstRestartMs, maxRestartMs } = this.#limits;
    const restartInMs = Math.min(firstRestartMs * 2 ** this.#failures, maxRestartMs);
    this.#failures += 1;
    this.#options.log?.({ type: 'died', host: hostName, detail, restartInMs });
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      this.#starting = this.#launch();
    }, restartInMs);
  }

  #settle(message: Extract<SileroReply, { id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    // What is still owed was asked later: it has the whole time from here.
    clearTimeout(this.#overdue);
    this.#overdue = this.#waiting.size > 0 ? setTimeout(() => this.#hangs(), this.#limits.windowMs) : undefined;
    if (message.type === 'probability') {
      this.#failures = 0;
      waiting?.resolve(message.probability);
    } else
      waiting?.reject(
        new ParleyError(`Voice activity failed: ${message.message}`, { code: 'vad.failed', retryable: true }),
      );
  }
}

function goneError(detail: string): ParleyError {
  return new ParleyError(`The voice-activity worker is gone (${detail}); it is being started again.`, {
    code: 'host.died',
    retryable: true,
    status: 503,
  });
}
