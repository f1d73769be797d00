/** A token of the draft may be missing or be another: so far the draft is looked for again, ahead and back. */
const searchAhead = 6;
const searchBack = 2;
/**
 * What one run of the decoder checks at most. The model quantises each run's activations together, so that many tokens at
 * once are a little coarser than one at a time: with 24 a few words in a thousand changed, and little was saved over 6.
 */
const maxGuesses = 6;

/** A token that probably comes next. */
export type Guess = {
  readonly token: number;
  /** It belongs to a word that was told as stable. */
  readonly firm: boolean;
};

/**
 * Tokens that a decoding will probably come to, from what an earlier one of nearly the same audio came to. The decoder
 * checks many in one run (speculative decoding, Leviathan et al. 2023, in its greedy form): a wrong guess costs
 * nothing but its share of that run.
 */
export class DraftTokens {
  readonly #tokens: readonly number[];
  readonly #firm: number;
  #at = 0;

  /** @param firm how many of them, from the first, are of stable words */
  constructor(tokens: readonly number[], firm: number) {
    this.#tokens = tokens;
    this.#firm = firm;
  }

  /** What probably comes next. */
  guesses(): readonly Guess[] {
    return this.#tokens
      .slice(this.#at, this.#at + maxGuesses)
      .map((token, index) => ({ token, firm: this.#at + index < this.#firm }));
  }

  /** This token came: the draft goes on behind the nearest one like it, or behind the one that it takes the place of. */
  came(token: number): void {
    let found: number | undefined;
    for (let at = Math.max(0, this.#at - searchBack); at < this.#at + searchAhead; at++)
      if (this.#tokens[at] === token && (found === undefined || Math.abs(at - this.#at) < Math.abs(found - this.#at)))
        found = at;
    this.#at = (found ?? this.#at) + 1;
  }
}
