import type { SpokenWord } from '../../ports/text-to-speech.js';

export type Alignment = {
  readonly characters: readonly string[];
  readonly character_start_times_seconds: readonly number[];
  readonly character_end_times_seconds: readonly number[];
};

/** Words out of characters with times, which arrive in pieces that may end within a word. */
export class CharacterTimes {
  #text = '';
  #startMs = 0;
  #endMs = 0;
  #lastMs = 0;
  #words: SpokenWord[] = [];

  /**
   * @param offsetMs where the audio of this piece begins. Times of a piece that begin before those of the last one are
   *   counted from there; else they are of the whole clause.
   */
  push(alignment: Alignment, offsetMs: number): void {
    const firstMs = (alignment.character_start_times_seconds[0] ?? 0) * 1_000;
    const shiftMs = firstMs + 1 < this.#lastMs ? offsetMs : 0;
    for (const [index, character] of alignment.characters.entries()) {
      const startMs = (alignment.character_start_times_seconds[index] ?? 0) * 1_000 + shiftMs;
      const endMs = (alignment.character_end_times_seconds[index] ?? 0) * 1_000 + shiftMs;
      this.#lastMs = Math.max(this.#lastMs, endMs);
      if (/^\s*$/.test(character)) this.#end();
      else {
        if (this.#text === '') this.#startMs = startMs;
        this.#text += character;
        this.#endMs = Math.max(endMs, startMs + 1);
      }
    }
  }

  /** Words that have ended by then and were not taken before. */
  take(untilMs: number): SpokenWord[] {
    const count = this.#words.findIndex((word) => word.endMs > untilMs);
    return this.#words.splice(0, count === -1 ? this.#words.length : count);
  }

  /** The words that are left. */
  rest(): string[] {
    this.#end();
    return this.#words.splice(0).map(({ text }) => text);
  }

  #end(): void {
    if (this.#text !== '') this.#words.push({ text: this.#text, startMs: this.#startMs, endMs: this.#endMs });
    this.#text = '';
  }
}
