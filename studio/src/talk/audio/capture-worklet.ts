import { captureProcessor } from './worklet-messages.js';

const frameSeconds = 0.02;

/** Gathers the microphone's blocks of 128 samples into 20 ms frames at the context's rate. */
class CaptureProcessor extends AudioWorkletProcessor {
  readonly #frameSamples = Math.round(sampleRate * frameSeconds);
  #frame = new Float32Array(this.#frameSamples);
  #filled = 0;

  process(inputs: Float32Array<ArrayBuffer>[][]): boolean {
    const channel = inputs[0]?.[0];
    if (channel === undefined) return true;
    for (const sample of channel) {
      this.#frame[this.#filled++] = sample;
      if (this.#filled < this.#frameSamples) continue;
      const full = this.#frame;
      this.#frame = new Float32Array(this.#frameSamples);
      this.#filled = 0;
      this.port.postMessage(full, [full.buffer]);
    }
    return true;
  }
}

registerProcessor(captureProcessor, CaptureProcessor);
