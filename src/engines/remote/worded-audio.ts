import { concatSamples, durationMs, samplesOf } from '../../audio/frame.js';
import type { SpokenWord } from '../../ports/text-to-speech.js';

/** Kept until the end is known: words that have not ended by then come with it. */
const tailMs = 20;

export type TimedAudio = { readonly samples: Float32Array; readonly words: readonly SpokenWord[] };

/**
 * The audio of a clause as it streams, with its words: a word comes with the piece of audio in which it ends, so that a word
 * that came was said.
 */
export class WordedAudio {
  readonly #rateHz: number;
  #tail: Float32Array = new Float32Array(0);
  #givenSamples = 0;

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
  }

  /** All that was pushed. */
  get totalMs(): number {
    return durationMs(this.#givenSamples + this.#tail.length, this.#rateHz);
  }

  /** @param wordsUntil the words that have ended by then and were not asked for before; times from the clause's beginning */
  push(samples: Float32Array, wordsUntil: (ms: number) => readonly SpokenWord[]): TimedAudio | undefined {
    const all = concatSamples([this.#tail, samples]);
    const length = Math.max(0, all.length - samplesOf(tailMs, this.#rateHz));
    this.#tail = all.slice(length);
    if (length === 0) return undefined;
    const fromMs = durationMs(this.#givenSamples, this.#rateHz);
    this.#givenSamples += length;
    const words = wordsUntil(durationMs(this.#givenSamples, this.#rateHz)).map(({ text, startMs, endMs }) => ({
      text,
      startMs: Math.max(0, startMs - fromMs),
      endMs: Math.max(1, endMs - fromMs),
    }));
    return { samples: all.slice(0, length), words };
  }

  /** What is left, with the words that are left; undefined where no audio came. */
  end(rest: readonly string[]): TimedAudio | undefined {
    const { length } = this.#tail;
    if (length === 0) return undefined;
    const stepMs = durationMs(length, this.#rateHz) / Math.max(1, rest.length);
    const words = rest.map((text, index) => ({ text, startMs: index * stepMs, endMs: (index + 1) * stepMs }));
    return { samples: this.#tail, words };
  }
}

export function wordsIn(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
