import type { SpokenWord } from '../../ports/text-to-speech.js';
import { type TimedAudio, WordedAudio, wordsIn } from './worded-audio.js';

/** Of English read aloud, pauses included, until a voice has been heard. */
const usualMsPerCharacter = 65;
/** How much a clause counts against what was known of the voice before. */
const weight = 0.3;

/** How fast a voice speaks, learnt from the clauses that it has spoken. */
export class VoicePace {
  #msPerCharacter = usualMsPerCharacter;

  /** At the voice's own speed. */
  get msPerCharacter(): number {
    return this.#msPerCharacter;
  }

  learn(characters: number, spokenMs: number): void {
    if (characters >= 8 && spokenMs > 0)
      this.#msPerCharacter += weight * (spokenMs / characters - this.#msPerCharacter);
  }
}

/** Gives words to the audio of a service that tells no times: by their length, at the pace of the voice. */
export class WordClock {
  readonly #words: readonly string[];
  readonly #audio: WordedAudio;
  readonly #pace: VoicePace;
  readonly #speed: number;
  #next = 0;
  /** When the next word begins, from the beginning of the clause. */
  #atMs = 0;

  constructor(text: string, options: { readonly rateHz: number; readonly pace: VoicePace; readonly speed: number }) {
    this.#words = wordsIn(text);
    this.#audio = new WordedAudio(options.rateHz);
    this.#pace = options.pace;
    this.#speed = options.speed;
  }

  push(samples: Float32Array): TimedAudio | undefined {
    return this.#audio.push(samples, (untilMs) => {
      const words: SpokenWord[] = [];
      // The last word ends with the audio.
      for (; this.#next < this.#words.length - 1; this.#next++) {
        const text = this.#words[this.#next] ?? '';
        const endMs = this.#atMs + ((text.length + 1) * this.#pace.msPerCharacter) / this.#speed;
        if (endMs > untilMs) break;
        words.push({ text, startMs: this.#atMs, endMs });
        this.#atMs = endMs;
      }
      return words;
    });
  }

  /** What is left, with all words that are left. */
  end(): TimedAudio | undefined {
    this.#pace.learn(this.#words.join(' ').length, this.#audio.totalMs * this.#speed);
    return this.#audio.end(this.#words.slice(this.#next));
  }
}
