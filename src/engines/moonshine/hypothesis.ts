import { plainWord } from './text.js';
import type { HeardWord } from './wire.js';
import { differencesOf } from './word-differences.js';

/** A word that was called stable and is another now; `to` is empty for a word that goes, `from` for one that comes. */
export type Correction = { readonly word: number; readonly from: string; readonly to: string };

/** When a word is stable. */
export type StabilityRule = {
  /** A word that ends closer to the end of the audio may still be growing. */
  readonly edgeMs: number;
  /** So many successive hypotheses must agree on a word ... */
  readonly agreements: number;
  /** ... and one more for each of these that the model's confidence in it is below. */
  readonly oneMoreBelow: readonly number[];
};

/** Chosen on LibriSpeech test-other with the figures of spoken orders in view: docs/decisions/0021 has the curves. */
export const defaultStabilityRule = {
  edgeMs: 200,
  agreements: 5,
  oneMoreBelow: [0.97, 0.9, 0.7, 0.4],
} as const satisfies StabilityRule;

/** Words within this of the stable end are the stable word itself, heard again a little later. */
const sameWordMs = 120;

/**
 * What has been heard of one utterance so far: words that are stable, then words that may still change. A word becomes
 * stable when enough successive hypotheses agree on it and on all before it (as LocalAgreement, Liu et al. 2020, with more
 * agreement where the model is less sure), and never changes afterwards except by a {@link Correction} from a decoding with more context.
 */
export class Hypothesis {
  readonly #rule: StabilityRule;
  #stable: HeardWord[] = [];
  #settled = 0;
  #tail: readonly HeardWord[] = [];
  /** The newest hypotheses, the last one first. */
  #heard: readonly (readonly HeardWord[])[] = [];

  constructor(rule: StabilityRule = defaultStabilityRule) {
    this.#rule = rule;
  }

  get words(): readonly HeardWord[] {
    return [...this.#stable, ...this.#tail];
  }

  get stableCount(): number {
    return this.#stable.length;
  }

  /** A hypothesis about the end of the utterance: `words` in it, times from the utterance's first sample. */
  hear(words: readonly HeardWord[], audioMs: number): void {
    const { edgeMs, agreements, oneMoreBelow } = this.#rule;
    this.#heard = [words, ...this.#heard].slice(0, agreements + oneMoreBelow.length);
    const [tail = [], ...earlier] = this.#heard.map((each) => this.#beyondStable(each));
    let agreeing = earlier;
    let stable = 0;
    for (const [index, word] of tail.entries()) {
      const differs = agreeing.findIndex((each) => !isSameWord(each[index], word));
      if (differs >= 0) agreeing = agreeing.slice(0, differs);
      const needed = agreements + oneMoreBelow.filter((below) => word.confidence < below).length;
      if (agreeing.length + 1 < needed || word.endMs > audioMs - edgeMs) break;
      stable = index + 1;
    }
    this.#stable.push(...tail.slice(0, stable));
    this.#tail = tail.slice(stable);
  }

  /** `words` are final for all that lies between what was settled before and `untilMs`. */
  settle(words: readonly HeardWord[], untilMs: number): Correction[] {
    let until = this.#settled;
    while (until < this.#stable.length && middleOf(this.#stable[until] as HeardWord) < untilMs) until += 1;
    const replaced = this.#stable.slice(this.#settled, until);
    // Words behind the last stable one were not told as stable: they correct nothing.
    const extent = until === this.#stable.length ? 'beginning' : 'whole';
    const { corrections } = this.#compare(replaced, words, extent);
    this.#stable.splice(this.#settled, replaced.length, ...words);
    this.#settled += words.length;
    this.#tail = this.#tail.filter((word) => middleOf(word) >= untilMs);
    // What follows is heard from another beginning from now on.
    this.#heard = [];
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

function isSameWord(one: HeardWord | undefined, other: HeardWord): boolean {
  return one !== undefined && plainWord(one.text) === plainWord(other.text);
}

function middleOf(word: HeardWord): number {
  return (word.startMs + word.endMs) / 2;
}
