import { durationMs } from '../../audio/frame.js';
import type { SpokenPiece } from './spoken-piece.js';
import { heardText } from './spoken-piece.js';

type Entry = { readonly piece: SpokenPiece; readonly fromMs: number };

/** Replies whose playing can still be amended (a late truncation) are kept; older ones are history. */
const keptReplies = 16;

/** Which text each stretch of a reply's sent audio belongs to. Times are audio time from the reply's first sample. */
export class PlayoutLedger {
  readonly #replies = new Map<number, Entry[]>();

  /** The piece is sent from `fromMs` of its reply on. */
  note(reply: number, piece: SpokenPiece, fromMs: number): void {
    const entries = this.#replies.get(reply) ?? [];
    entries.push({ piece, fromMs });
    this.#replies.set(reply, entries);
    for (const oldest of this.#replies.keys()) {
      if (this.#replies.size <= keptReplies) break;
      this.#replies.delete(oldest);
    }
  }

  /** What was heard when playing stopped at `playedMs`; undefined for a reply that is not known (any more). */
  heard(reply: number, playedMs: number): string | undefined {
    const entries = this.#replies.get(reply);
    if (!entries) return undefined;
    return entries
      .map(({ piece, fromMs }) => (playedMs <= fromMs ? '' : heardText(piece, playedMs - fromMs)))
      .filter((text) => text !== '')
      .join(' ');
  }

  /** How much audio of the reply was sent. */
  lengthMs(reply: number): number {
    const last = this.#replies.get(reply)?.at(-1);
    return last ? last.fromMs + durationMs(last.piece.samples.length, last.piece.rateHz) : 0;
  }
}
