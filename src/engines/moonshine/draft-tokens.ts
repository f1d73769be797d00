/** A token of the draft may be missing or be another: so far ahead the draft is looked for again. */
const searchAhead = 6;
/**
 * What one run of the decoder checks at most. The model quantises each run's activations together, so that many tokens at
 * once are a little coarser than one at a time: with 24 a few words in a thousand changed, and little was saved over 6.
 */
const maxGuesses = 6;

/**
 * Tokens that a decoding will probably come to, from what an earlier one of nearly the same audio came to. The decoder
 * checks many in one run (speculative decoding, Leviathan et al. 2023, in its greedy form): a wrong guess costs
 * nothing but its share of that run.
 */
export class DraftTokens {
  readonly #tokens: readonly number[];
  #at = 0;

  constructor(tokens: readonly number[]) {
    this.#tokens = tokens;
  }

  /** What probably comes next. */
  guesses(): readonly number[] {
    return this.#tokens.slice(this.#at, this.#at + maxGuesses);
  }

  /** This token came: the draft goes on behind it, or behind the one that it takes the place of. */
  came(token: number): void {
    const ahead = this.#tokens.slice(this.#at, this.#at + searchAhead).indexOf(token);
    this.#at += ahead < 0 ? 1 : ahead + 1;
  }
}
