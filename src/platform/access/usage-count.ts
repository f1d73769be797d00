import type { Usage } from './access.js';

/** What one visit has used and nobody has counted yet. */
export class UsageCount {
  #usage: { -readonly [K in keyof Usage]-?: number } = none();
  #any = false;

  get any(): boolean {
    return this.#any;
  }

  add(usage: Usage): void {
    for (const [unit, amount] of Object.entries(usage) as [keyof Usage, number | undefined][])
      this.#usage[unit] += amount ?? 0;
    this.#any = true;
  }

  /** Gives it to whoever counts it, and begins anew. */
  take(): Usage {
    const usage = this.#usage;
    this.#usage = none();
    this.#any = false;
    return usage;
  }
}

function none(): { [K in keyof Usage]-?: number } {
  return { audioInSeconds: 0, audioOutSeconds: 0, characters: 0, inputTokens: 0, outputTokens: 0 };
}
