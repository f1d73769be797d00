const frameMs = 20;

/** A microphone that is open all the time: frames of 20 ms in real time, silence when nothing is said. */
export class Microphone {
  readonly #rateHz: number;
  readonly #send: (samples: Float32Array) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #startedMs = performance.now();
  #frames = 0;
  #rest: Float32Array = new Float32Array(0);
  #spoken: (() => void) | undefined;

  constructor(options: { readonly rateHz: number; readonly send: (samples: Float32Array) => void }) {
    this.#rateHz = options.rateHz;
    this.#send = options.send;
    this.#timer = setInterval(() => this.#catchUp(), frameMs / 2);
  }

  /** Resolves when all of it has been sent. */
  say(samples: Float32Array): Promise<void> {
    this.#rest = samples;
    return new Promise((resolve) => {
      this.#spoken = resolve;
    });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #catchUp(): void {
    const samplesPerFrame = (this.#rateHz * frameMs) / 1_000;
    while (this.#frames * frameMs < performance.now() - this.#startedMs) {
      const frame = new Float32Array(samplesPerFrame);
      frame.set(this.#rest.subarray(0, samplesPerFrame));
      this.#rest = this.#rest.subarray(samplesPerFrame);
      this.#frames += 1;
      this.#send(frame);
    }
    if (this.#rest.length > 0) return;
    this.#spoken?.();
    this.#spoken = undefined;
  }
}
