import type { SpokenPiece } from './spoken-piece.js';

/** How a clause stands in its reply, which decides how it sounds. */
export type ClausePlace = {
  readonly continues: boolean;
  /** What was said before it in the same reply; empty at the beginning. */
  readonly after: string;
};

/** A minute of speech a voice: enough for what an agent says again and again. */
const defaultMaxSamples = 60 * 24_000;
/** Longer clauses are rarely said twice. */
const longestText = 120;

type Kept = { readonly pieces: readonly SpokenPiece[]; readonly computeMs: number; readonly samples: number };

/** Clauses of one voice that were spoken before, as audio. Shared by the calls that use the voice; bounded, the oldest go. */
export class PhraseCache {
  readonly #kept = new Map<string, Kept>();
  readonly #maxSamples: number;
  #samples = 0;

  constructor(maxSamples = defaultMaxSamples) {
    this.#maxSamples = maxSamples;
  }

  /** @returns the audio, and what it cost when it was made; undefined when it is not there */
  find(text: string, place: ClausePlace): { pieces: readonly SpokenPiece[]; computeMs: number } | undefined {
    const key = keyOf(text, place);
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    // Found is used: it goes behind those that nobody asks for.
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  keep(text: string, place: ClausePlace, pieces: readonly SpokenPiece[], computeMs: number): void {
    if (text.length > longestText) return;
    const samples = pieces.reduce((sum, piece) => sum + piece.samples.length, 0);
    if (samples === 0 || samples > this.#maxSamples) return;
    const key = keyOf(text, place);
    this.#samples += samples - (this.#kept.get(key)?.samples ?? 0);
    this.#kept.delete(key);
    this.#kept.set(key, { pieces, computeMs, samples });
    for (const [oldest, { samples: freed }] of this.#kept) {
      if (this.#samples <= this.#maxSamples) return;
      this.#kept.delete(oldest);
      this.#samples -= freed;
    }
  }
}

function keyOf(text: string, { continues, after }: ClausePlace): string {
  // A new sentence begins in the same way whatever came before.
  const within = /[.!?]["')]*$/.test(after) ? '' : after;
  return `${within}\n${text}\n${continues}`;
}
