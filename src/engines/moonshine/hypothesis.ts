import { plainWord } from './text.js';
import type { HeardWord } from './wire.js';
import { differencesOf } from './word-differences.js';

/** A word that was called stable and is another now; `to` is empty for a word that goes, `from` for one that comes. */
export type Correction = { readonly word: number; readonly from: string; readonly to: string };

/** A word that ends closer to the end of the audio may still be growing. */
const edgeMs = 200;
/** An agreement on a word that the model is less sure of says little. */
const sureFrom = 0.4;
/** Words within this of the stable end are the stable word itself, heard again a little later. */
const sameWordMs = 120;

/**
 * What has been heard of one utterance so far: words that are stable, then words that may still change. A word becomes
 * stable when two successive hypotheses agree on it and on all before it (LocalAgreement-2, Liu et al. 2020), and never
 * changes afterwards except by a {@link Correction} from a decoding with more context.
 */
export class Hypothesis {
  #stable: HeardWord[] = [];
  #settled = 0;
  #tail: readonly HeardWord[] = [];

  get words(): readonly HeardWord[] {
    return [...this.#stable, ...this.#tail];
  }

  get stableCount(): number {
    return this.#stable.length;
  }

  /** A hypothesis about the end of the utterance: `words` in it, times from the utterance's first sample. */
  hear(words: readonly HeardWord[], audioMs: number): void {
    const before = this.#tail;
    const tail = this.#beyondStable(words);
    let agreed = 0;
    for (const [index, word] of tail.entries()) {
      const earlier = before[index];
      if (!earlier || plainWord(earlier.text) !== plainWord(word.text)) break;
      if (word.endMs > audioMs - edgeMs || word.confidence < sureFrom) break;
      agreed = index + 1;
    }
    this.#stable.push(...tail.slice(0, agreed));
    this.#tail = tail.slice(agreed);
  }

  /** No later hypothesis will look at what lies before: it stays as it is. */
  fixBefore(ms: number): void {
    let fixed = 0;
    while (fixed < this.#tail.length && middleOf(this.#tail[fixed] as HeardWord) < ms) fixed += 1;
    this.#stable.push(...this.#tail.slice(0, fixed));
    this.#tail = this.#tail.slice(fixed);
  }

  /** `words` are final for all that lies between what was settled before and `untilMs`. */
  settle(words: readonly HeardWord[], untilMs: number): Correction[] {
    let until = this.#settled;
    while (until < this.#stable.length && middleOf(this.#stable[until] as HeardWord) < untilMs) until += 1;
    const replaced = this.#stable.slice(this.#settled, until);
    const { corrections } = this.#compare(replaced, words, 'whole');
    this.#stable.splice(this.#settled, replaced.length, ...words);
    this.#settled += words.length;
    this.#tail = this.#tail.filter((word) => middleOf(word) >= untilMs);
    return corrections;
  }

  /** `words` are what a final says of all that is not settled. Stable words become what it says. */
  compareWithFinal(words: readonly HeardWord[]): Correction[] {
    const open = this.#stable.slice(this.#settled);
    const { corrections, reached } = this.#compare(open, words, 'beginning');
    this.#stable.splice(this.#settled, open.length, ...words.slice(0, reached));
    return corrections;
  }

  #beyondStable(words: readonly HeardWord[]): readonly HeardWord[] {
    const last = this.#stable.at(-1);
    if (!last) return words;
    const from = words.findIndex((word) => middleOf(word) > last.endMs);
    if (from < 0) return [];
    const first = words[from] as HeardWord;
    const again = plainWord(first.text) === plainWord(last.text) && first.startMs - last.startMs < sameWordMs;
    return words.slice(again ? from + 1 : from);
  }

  #compare(
    stable: readonly HeardWord[],
    words: readonly HeardWord[],
    extent: 'whole' | 'beginning',
  ): { readonly corrections: Correction[]; readonly reached: number } {
    const { differences, reached } = differencesOf(
      stable.map(({ text }) => plainWord(text)),
      words.map(({ text }) => plainWord(text)),
      extent,
    );
    const corrections = differences.map(({ at, from, to }) => ({
      word: this.#settled + at,
      from: from === undefined ? '' : (stable[from]?.text ?? ''),
      to: to === undefined ? '' : (words[to]?.text ?? ''),
    }));
    return { corrections, reached };
  }
}

function middleOf(word: HeardWord): number {
  return (word.startMs + word.endMs) / 2;
}
