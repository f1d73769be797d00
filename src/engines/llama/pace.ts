/** Before anything was measured: two cores of an ordinary server, 1.5 billion weights of four bits. */
const firstGuessMs = { alone: 30, together: 15 };
/** Fewer tokens at once cost nearly as much time, because all weights are read for them. */
const fewestTokens = 4;
/** More at once gain nothing and may take long on a machine that has just become busy. */
const mostTokens = 24;
/** How much of an estimate the newest slice replaces. */
const weight = 0.3;

/** How long a prompt token takes on this machine now, by threads, and how many of them make a slice. */
export class TokenPace {
  readonly #tokenMs = new Map<number, number>();

  /** Tokens that take about `budgetMs` on that many threads: between 4 and 24. */
  sliceTokens(threads: number, budgetMs: number): number {
    return Math.max(fewestTokens, Math.min(mostTokens, Math.floor(budgetMs / this.tokenMs(threads))));
  }

  tokenMs(threads: number): number {
    return this.#tokenMs.get(threads) ?? (threads > 1 ? firstGuessMs.together : firstGuessMs.alone);
  }

  /** One slice's time. A stall counts for no more than twice what was expected: it says nothing about the next slice. */
  note(threads: number, tokens: number, spentMs: number): void {
    // A single token is all reading of weights; its time says nothing about more.
    if (tokens < 3) return;
    const before = this.tokenMs(threads);
    const now = Math.min(spentMs / tokens, 2 * before);
    this.#tokenMs.set(threads, before + weight * (now - before));
  }
}
