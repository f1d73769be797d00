import type { RoomTone } from '../../src/audio/room-tone.js';
import { createCallerTrack } from '../../src/cli/call/caller-track.js';
import type { CallerClip } from '../../src/cli/call/clip.js';
import { type Pacer, startPacer } from '../../src/cli/call/pacer.js';
import { frameMs, frameSamples } from '../../src/cli/call/timing.js';
import { int16Samples, pcm16ToBase64 } from '../../src/client/pcm.js';
import { systemClock } from '../../src/observability/system-clock.js';

/** What is being said, on the clock of `performance.now()`. */
export type Spoken = {
  readonly startMs: number;
  readonly endMs: number;
  /** Resolves when the frame has been sent that has the end of speech. */
  readonly ended: Promise<void>;
};

/**
 * A caller at real time: recordings, and their room tone in between. A frame of 20 ms is sent when it is over, as a
 * microphone delivers it.
 */
export class Microphone {
  readonly #track: ReturnType<typeof createCallerTrack>;
  readonly #send: (audio: string) => void;
  #pacer: Pacer | undefined;
  #unsent: string | undefined;
  #waiting: { readonly atMs: number; readonly done: () => void }[] = [];
  /** When the next frame begins. */
  #nextStepMs = 0;

  constructor(tone: RoomTone, send: (audio: string) => void) {
    this.#track = createCallerTrack(tone);
    this.#send = send;
  }

  start(): void {
    const startMs = performance.now();
    const fail = (error: unknown): void => {
      throw error;
    };
    this.#nextStepMs = startMs;
    const step = (index: number): void => {
      const nowMs = startMs + index * frameMs;
      if (this.#unsent !== undefined) this.#send(this.#unsent);
      this.#nextStepMs = nowMs + frameMs;
      for (const { done } of this.#waiting.filter(({ atMs }) => atMs <= nowMs)) done();
      this.#waiting = this.#waiting.filter(({ atMs }) => atMs > nowMs);
      this.#unsent = pcm16ToBase64(int16Samples(this.#track.next(frameSamples)));
    };
    this.#pacer = startPacer({ clock: systemClock, periodMs: frameMs, step, fail });
  }

  /** Begins a recording with the next frame. */
  speak(clip: CallerClip): Spoken {
    this.#track.play(clip);
    const startMs = this.#nextStepMs + clip.speech.startMs;
    const endMs = this.#nextStepMs + clip.speech.endMs;
    const ended = new Promise<void>((done) => {
      this.#waiting.push({ atMs: endMs, done });
    });
    return { startMs, endMs, ended };
  }

  stop(): void {
    this.#pacer?.stop();
  }
}
