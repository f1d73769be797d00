import { samplesOf } from '../../src/audio/frame.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Transport } from '../../src/ports/transport.js';
import type { Echo } from './rehearsal.js';
import { rateHz } from './sounds.js';

/** As the sockets have it. */
const leadMs = 80;

/** What is played at the caller's side, by time: what has left is played, as by a client that takes nothing back. */
export class FarEnd {
  readonly transport: Transport;
  readonly #played: Float32Array;
  #cursor = 0;

  constructor(clock: Clock, lengthSamples: number) {
    this.#played = new Float32Array(lengthSamples);
    this.transport = {
      input: (async function* () {})(),
      outputRateHz: rateHz,
      playout: { ack: 'none', leadMs, latencyMs: 0, clear: () => {} },
      send: ({ samples }) => {
        this.#cursor = Math.max(this.#cursor, samplesOf(clock.nowMs(), rateHz));
        this.#played.set(samples.subarray(0, Math.max(0, this.#played.length - this.#cursor)), this.#cursor);
        this.#cursor += samples.length;
      },
      hangUp: () => {},
    };
  }

  /** Until when there is something to play. */
  get cursorMs(): number {
    return (this.#cursor / rateHz) * 1_000;
  }

  /** What comes back of it to the caller's microphone. */
  echoAt(from: number, length: number, echo: Echo | undefined): Float32Array {
    const out = new Float32Array(length);
    if (!echo) return out;
    const gain = 10 ** (echo.levelDb / 20);
    const first = from - samplesOf(echo.delayMs, rateHz);
    for (const tap of echo.taps)
      for (let i = 0; i < length; i++) {
        const at = first + i - tap.delay;
        if (at >= 0) out[i] = (out[i] as number) + (this.#played[at] ?? 0) * tap.gain * gain;
      }
    return out;
  }
}
