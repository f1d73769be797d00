import { durationMs } from '../../audio/frame.js';
import type { SpokenPiece } from './spoken-piece.js';
import { heardText, wordsOf } from './spoken-piece.js';

/** `skippedMs`: where in the piece this playing of it began. `untilMs`: where it was left for an earlier place. */
type Entry = {
  readonly piece: SpokenPiece;
  readonly fromMs: number;
  readonly skippedMs: number;
  untilMs: number;
};

/** A place in a piece, `ms` from its first sample; `pieceFromMs`: where that is, or would be, in the reply's audio. */
export type Place = { readonly piece: SpokenPiece; readonly pieceFromMs: number; readonly ms: number };

/** Replies whose playing can still be amended (a late truncation) are kept; older ones are history. */
const keptReplies = 16;

/** Which text each stretch of a reply's sent audio belongs to. Times are audio time from the reply's first sample. */
export class PlayoutLedger {
  readonly #replies = new Map<number, Entry[]>();

  /** The piece is sent from `fromMs` of its reply on. */
  note(reply: number, piece: SpokenPiece, fromMs: number): void {
    this.#add(reply, { piece, fromMs, skippedMs: 0, untilMs: Number.POSITIVE_INFINITY });
  }

  /** The piece is taken up once more, `skippedMs` into it: what was heard of it before counts up to there. */
  again(reply: number, piece: SpokenPiece, fromMs: number, skippedMs: number): void {
    const entries = this.#replies.get(reply) ?? [];
    const last = entries.findLastIndex((entry) => entry.piece === piece);
    for (const [index, entry] of entries.entries()) {
      if (index === last) entry.untilMs = Math.min(entry.untilMs, skippedMs);
      else if (index > last) entry.untilMs = 0;
    }
    this.#add(reply, { piece, fromMs, skippedMs, untilMs: Number.POSITIVE_INFINITY });
  }

  #add(reply: number, entry: Entry): void {
    const entries = this.#replies.get(reply) ?? [];
    entries.push(entry);
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
      .map(({ piece, fromMs, skippedMs, untilMs }) => {
        if (playedMs <= fromMs) return '';
        return heardText(piece, Math.min(untilMs, skippedMs + playedMs - fromMs), skippedMs);
      })
      .filter((text) => text !== '')
      .join(' ');
  }

  /** Which of these pieces was playing at `playedMs`, and where; what bridged the wait between them is left out. */
  placeAt(reply: number, pieces: readonly SpokenPiece[], playedMs: number): Place | undefined {
    const entry = this.#replies
      .get(reply)
      ?.findLast(({ piece, fromMs }) => fromMs <= playedMs && pieces.includes(piece));
    if (!entry) return undefined;
    const pieceFromMs = entry.fromMs - entry.skippedMs;
    return { piece: entry.piece, pieceFromMs, ms: playedMs - pieceFromMs };
  }

  /** Words that began to sound in the last `backMs` before `playedMs`, as the voice said them. */
  wordsUntil(reply: number, playedMs: number, backMs: number): string[] {
    return (this.#replies.get(reply) ?? []).flatMap(({ piece, fromMs, skippedMs }) =>
      wordsOf(piece).flatMap(({ text, startMs }) => {
        const atMs = fromMs + startMs - skippedMs;
        return startMs >= skippedMs && atMs <= playedMs && atMs > playedMs - backMs ? [text] : [];
      }),
    );
  }

  /** How much audio of the reply was sent. */
  lengthMs(reply: number): number {
    const last = this.#replies.get(reply)?.at(-1);
    return last ? last.fromMs - last.skippedMs + durationMs(last.piece.samples.length, last.piece.rateHz) : 0;
  }
}
