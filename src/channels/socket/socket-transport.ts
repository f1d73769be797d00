import { type AudioFrame, durationMs } from '../../audio/frame.js';
import type { AudioTag, Transport } from '../../ports/transport.js';
import { InputQueue } from './input-queue.js';

/** Sent ahead of real time: what has left can no longer be lowered or taken back. */
const leadMs = 80;

/** A client sends what its microphone heard when a 20 ms frame is full; what it plays meanwhile has been with it for as long. */
const latencyMs = 20;

export type SocketTransportOptions = {
  readonly inputRateHz: number;
  readonly outputRateHz: number;
  /** Input that may wait for the reader: an upload can be faster than real time. More is refused. */
  readonly maxQueuedMs: number;
  /** True when a quarter of that waits: the far end should not be read; false when it can be again. */
  readonly onBackPressure?: (full: boolean) => void;
  /** Audio that is due now, at `outputRateHz`. */
  readonly onAudio: (frame: AudioFrame, tag: AudioTag) => void;
  /** The far end should drop what it has not played. @defaultValue nothing: it plays what it wants */
  readonly onClear?: () => void;
  /** The call ends from our side; called once. */
  readonly onHangUp: (reason: string) => void;
};

/** A transport whose far end is a socket that a dialect reads and writes. */
export type SocketTransport = Transport & {
  /** Decoded samples at the input's rate. @returns false, with nothing taken, when the queue is full */
  push(samples: Float32Array): boolean;
  /** `reached` is called when all audio pushed before has been dealt with. @returns false when there are too many */
  barrier(reached: () => void): boolean;
  /** The caller presses a key, after all audio pushed before. @returns false when too much waits */
  press(digit: string): boolean;
  /** The far end is gone. Idempotent. */
  end(reason: string): void;
  /** How much of the input has been read. */
  readonly takenMs: number;
};

export function createSocketTransport(options: SocketTransportOptions): SocketTransport {
  const { inputRateHz, outputRateHz, maxQueuedMs, onAudio, onBackPressure, onClear, onHangUp } = options;
  const queue = new InputQueue({
    rateHz: inputRateHz,
    capacityMs: maxQueuedMs,
    ...(onBackPressure ? { onBackPressure } : {}),
  });
  let ended = false;
  const end = (reason: string): void => {
    ended = true;
    queue.end(reason);
  };
  return {
    input: queue,
    outputRateHz,
    playout: { ack: 'none', leadMs, latencyMs, clear: () => onClear?.() },
    send(frame, tag) {
      if (!ended) onAudio(frame, tag);
    },
    hangUp(reason) {
      if (ended) return;
      end(reason);
      onHangUp(reason);
    },
    push: (samples) => queue.push(samples),
    barrier: (reached) => queue.barrier(reached),
    press: (digit) => queue.key(digit),
    end,
    get takenMs() {
      return durationMs(queue.takenSamples, inputRateHz);
    },
  };
}
