import { ParleyError } from '../../ports/errors.js';
import type { SpokenPiece } from './spoken-piece.js';

/** Half an hour of clauses: no reply is longer. */
const maxPieces = 2_000;

/** The audio of one reply as it becomes ready: written by a draft, read by the pacer. */
export class ReplySource {
  readonly #pieces: SpokenPiece[] = [];
  #complete = false;
  #onChange: (() => void) | undefined;

  get pieces(): readonly SpokenPiece[] {
    return this.#pieces;
  }

  /** Nothing will be added. */
  get complete(): boolean {
    return this.#complete;
  }

  /** All text so far. */
  get text(): string {
    return this.#pieces.map((piece) => piece.text).join(' ');
  }

  add(piece: SpokenPiece): void {
    if (this.#pieces.length >= maxPieces)
      throw new ParleyError(`A reply of more than ${maxPieces} clauses was given up.`, {
        code: 'speak.reply_too_long',
      });
    this.#pieces.push(piece);
    this.#onChange?.();
  }

  end(): void {
    this.#complete = true;
    this.#onChange?.();
  }

  /** Tells the reader when there is more. */
  watch(onChange: () => void): void {
    this.#onChange = onChange;
  }

  static of(...pieces: readonly SpokenPiece[]): ReplySource {
    const source = new ReplySource();
    for (const piece of pieces) source.add(piece);
    source.end();
    return source;
  }
}
