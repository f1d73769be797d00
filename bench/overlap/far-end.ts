import { samplesOf } from '../../src/audio/frame.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Transport } from '../../src/ports/transport.js';
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

  /** The next samples of it, as they are played. Asked for in order. */
  playedAt(from: number, length: number): Float32Array {
    return this.#played.slice(from, from + length);
  }
}
