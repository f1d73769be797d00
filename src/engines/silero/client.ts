import { Worker } from 'node:worker_threads';
import { ParleyError } from '../../ports/errors.js';
import { type VoiceActivity, type VoiceActivityStream, vadWindowSamples } from '../../ports/voice-activity.js';
import { entryBeside } from '../host/entry.js';
import type { SileroInit, SileroReply, SileroRequest } from './wire.js';

export type SileroOptions = { readonly modelPath: string };

/** Two seconds of windows: a call that is further behind is told so. */
const maxWaitingPerStream = 64;

type Waiting = { readonly resolve: (probability: number) => void; readonly reject: (error: Error) => void };

/** Silero VAD v6 in a worker thread: 0.3 ms per 32 ms window, so it needs no lease and never waits for one. */
export class SileroVoiceActivity implements VoiceActivity {
  readonly name = 'silero-v6.2';
  readonly #modelPath: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #starting: Promise<void> | undefined;
  #nextStream = 1;
  #nextId = 1;
  #closed = false;

  constructor(options: SileroOptions) {
    this.#modelPath = options.modelPath;
  }

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
    await this.#worker?.terminate();
  }

  async #ask(stream: number, window: Float32Array): Promise<number> {
    // Once terminated the worker answers nothing, and a window sent to it would wait for ever.
    if (this.#closed) throw new ParleyError('Voice activity is closed.', { code: 'vad.closed', status: 503 });
    await this.start();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // A message takes the whole buffer along that a window is a part of.
      const own = window.byteLength === window.buffer.byteLength ? window : window.slice();
      this.#post({ type: 'window', stream, id, window: own });
    });
  }

  #post(request: SileroRequest): void {
    this.#worker?.postMessage(request);
  }

  #launch(): Promise<void> {
    const workerData: SileroInit = { modelPath: this.#modelPath };
    const worker = new Worker(entryBeside(import.meta.url, 'worker'), { workerData });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      worker.on('message', (message: SileroReply) => {
        if (message.type === 'ready') resolve();
        else this.#settle(message);
      });
      let gone = false;
      const onGone = (detail: string): void => {
        // An error is followed by the exit, when the next worker may be at work already.
        if (gone) return;
        gone = true;
        const error = new ParleyError(
          `The voice-activity worker is gone (${detail}); it starts again with the next window.`,
          {
            code: 'host.died',
            retryable: true,
            status: 503,
          },
        );
        reject(error);
        for (const waiting of this.#waiting.values()) waiting.reject(error);
        this.#waiting.clear();
        if (!this.#closed) this.#starting = undefined;
      };
      worker.on('error', (error) => onGone(error.message));
      worker.on('exit', (code) => onGone(`code ${code}`));
    });
  }

  #settle(message: Extract<SileroReply, { id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'probability') waiting?.resolve(message.probability);
    else
      waiting?.reject(
        new ParleyError(`Voice activity failed: ${message.message}`, { code: 'vad.failed', retryable: true }),
      );
  }
}
