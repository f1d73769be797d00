import type { ReplySource } from './reply-source.js';
import type { SpokenPiece } from './spoken-piece.js';

/** The next samples of a source. */
export type ReadSamples = {
  readonly piece: SpokenPiece;
  /** Empty where the piece is. */
  readonly samples: Float32Array;
  /** The piece begins here, or is taken up behind one that was said again. */
  readonly begins: boolean;
  /** It was never begun before. */
  readonly isNew: boolean;
};

/** How far a source was read: piece and sample in it. */
export class SourceCursor {
  readonly source: ReplySource;
  #piece = 0;
  #sample = 0;
  /** The last piece that was begun since the last step back to a phrase, and the last that ever was. */
  #begun = -1;
  #furthest = -1;

  constructor(source: ReplySource) {
    this.source = source;
  }

  /** Reads on, at most to the end of the piece; undefined when nothing more is ready. */
  read(atMost: number): ReadSamples | undefined {
    const index = this.#piece;
    const piece = this.source.pieces[index];
    if (!piece) return undefined;
    const begins = index > this.#begun;
    const isNew = index > this.#furthest;
    this.#begun = Math.max(this.#begun, index);
    this.#furthest = Math.max(this.#furthest, index);
    const samples = piece.samples.subarray(this.#sample, this.#sample + atMost);
    this.#sample += samples.length;
    if (this.#sample >= piece.samples.length) {
      this.#piece += 1;
      this.#sample = 0;
    }
    return { piece, samples, begins, isNew };
  }

  /** Goes back by so many samples, at most to the beginning. @returns how many it was */
  rewind(samples: number): number {
    let left = samples;
    while (left > 0 && (this.#sample > 0 || this.#piece > 0)) {
      if (this.#sample === 0) {
        this.#piece -= 1;
        this.#sample = this.source.pieces[this.#piece]?.samples.length ?? 0;
      }
      const back = Math.min(left, this.#sample);
      this.#sample -= back;
      left -= back;
    }
    return samples - left;
  }

  /** Takes this piece up again at a sample of it. */
  goBack(piece: SpokenPiece, sample: number): void {
    this.#piece = this.#begun = this.source.pieces.lastIndexOf(piece, this.#furthest);
    this.#sample = Math.min(piece.samples.length, sample);
  }
}
