import { samplesOf } from '../../audio/frame.js';
import type { EndOfTurn } from '../../ports/end-of-turn.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToText, SpeechToTextInput } from '../../ports/speech-to-text.js';
import { type VoiceActivity, vadRateHz, vadWindowSamples } from '../../ports/voice-activity.js';
import { preRollMs } from '../listen/ear.js';

/** The engines that listen. */
export type Ears = { readonly vad: VoiceActivity; readonly stt: SpeechToText; readonly endOfTurn: EndOfTurn };

/** A stretch of a turn: from where it began to where it is asked about. Audio before `forgottenMs` was answered already. */
export type TurnSoFar = { readonly startMs: number; readonly atMs: number; readonly forgottenMs: number };

/** The caller's side of a recorded call (16 kHz mono), heard again as the call heard it: in audio time, at any pace. */
export class CallerAudio {
  readonly #samples: Float32Array;
  readonly #ears: Ears;
  readonly #signal: AbortSignal;
  #nextUtterance = 1;

  constructor(samples: Float32Array, ears: Ears, signal: AbortSignal) {
    this.#samples = samples;
    this.#ears = ears;
    this.#signal = signal;
  }

  /** The probability of speech in each whole window. */
  async windows(onWindow?: (done: number, all: number) => void): Promise<number[]> {
    const stream = this.#ears.vad.open({ callId: 'replay' });
    const probabilities: number[] = [];
    const all = Math.floor(this.#samples.length / vadWindowSamples);
    try {
      for (let index = 0; index < all; index++) {
        this.#signal.throwIfAborted();
        const at = index * vadWindowSamples;
        probabilities.push(await stream.push(this.#samples.slice(at, at + vadWindowSamples)));
        onWindow?.(index + 1, all);
      }
    } finally {
      stream.close();
    }
    return probabilities;
  }

  /** Whether the turn sounds finished at `atMs`. */
  async estimate({ startMs, atMs }: TurnSoFar): Promise<number> {
    const { endOfTurn } = this.#ears;
    const heard = this.#slice(Math.max(startMs - preRollMs, atMs - endOfTurn.lookBackMs), atMs);
    return (await endOfTurn.predict(heard, { signal: this.#signal })).probability;
  }

  /** The words of the turn up to `atMs`; undefined when the recogniser failed. */
  async transcribe({ startMs, atMs, forgottenMs }: TurnSoFar): Promise<string | undefined> {
    const { stt } = this.#ears;
    const input = new EventQueue<SpeechToTextInput>(this.#signal);
    const utterance = this.#nextUtterance++;
    const events = stt.listen({ callId: 'replay', input, signal: this.#signal });
    input.push({ type: 'start', utterance });
    input.push({ type: 'audio', samples: this.#slice(Math.max(startMs - preRollMs, forgottenMs), atMs) });
    input.push({ type: 'freeze', utterance, request: 1 });
    try {
      for await (const event of events) {
        if (event.type === 'final') return event.text;
        if (event.type === 'error') return undefined;
      }
      return undefined;
    } finally {
      input.end();
    }
  }

  #slice(fromMs: number, toMs: number): Float32Array {
    return this.#samples.slice(samplesOf(Math.max(0, fromMs), vadRateHz), samplesOf(toMs, vadRateHz));
  }
}
