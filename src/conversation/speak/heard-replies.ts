import type { BrainSession, HeardBasis } from '../../ports/brain.js';
import { Acknowledgements, type Heard } from './acknowledgements.js';
import type { PlayoutLedger } from './ledger.js';

/** Replies that a late amendment may name. */
const keptReplies = 16;

/** A reply that is over, as it went. */
export type EndedReply = {
  readonly reply: number;
  readonly generated: string;
  readonly heard: Heard;
  readonly completed: boolean;
  /** How far the client says that it was played. */
  readonly truncatedMs: number | undefined;
  /** A sign of listening: nothing that was said. */
  readonly murmured: boolean;
};

/** Tells the brain what the caller has heard of each reply, and again when the far end knows better later. */
export class HeardReplies {
  readonly acknowledgements = new Acknowledgements();
  readonly #brain: BrainSession;
  readonly #ledger: PlayoutLedger;
  readonly #ended = new Map<number, { readonly generated: string; readonly complete: boolean }>();

  constructor(brain: BrainSession, ledger: PlayoutLedger) {
    this.#brain = brain;
    this.#ledger = ledger;
  }

  ended({ reply, generated, heard, completed, truncatedMs, murmured }: EndedReply): {
    readonly text: string;
    readonly complete: boolean;
    readonly heardBasis: HeardBasis;
  } {
    const complete = completed && truncatedMs === undefined;
    this.#ended.set(reply, { generated, complete });
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= keptReplies) break;
      this.#ended.delete(oldest);
    }
    const text = this.#ledger.heard(reply, truncatedMs ?? heard.playedMs) ?? '';
    const heardBasis = truncatedMs === undefined ? heard.basis : 'truncated';
    if (!murmured) this.#brain.heard({ reply, text, generated, complete, heardBasis });
    return { text, complete, heardBasis };
  }

  /** The client has played only `text` of a reply that is over. */
  truncated(reply: number, text: string): void {
    const generated = this.#ended.get(reply)?.generated ?? text;
    this.#brain.heard({ reply, text, generated, complete: false, heardBasis: 'truncated' });
  }

  /** The far end has played this much of a reply that is over, and with `last` no more. */
  amended(reply: number, playedMs: number, last: boolean): void {
    const heard = this.acknowledgements.amend(reply, playedMs, last);
    const ended = this.#ended.get(reply);
    if (!heard || !ended) return;
    const text = this.#ledger.heard(reply, heard.playedMs) ?? '';
    const complete = ended.complete && heard.playedMs >= heard.sentMs;
    this.#brain.heard({ reply, text, generated: ended.generated, complete, heardBasis: heard.basis });
  }
}
