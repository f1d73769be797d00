import { ParleyError } from '../../ports/errors.js';

/** A word and the positions of its tokens in the list that was given. */
export type TokenWord = { readonly text: string; readonly indexes: readonly number[] };

const space = Buffer.from('▁');

/**
 * Moonshine's `tokenizer.bin`: for each token a length (one byte, or two when the first is ≥ 128: its low seven bits
 * plus 128 times the second), then that many bytes of text; length 0 is a token without text. "▁" is a space.
 */
export class MoonshineTokenizer {
  readonly #pieces: readonly (Uint8Array | undefined)[];
  /** The id of each piece of text; the lowest, for merges. */
  readonly #ids = new Map<string, number>();

  constructor(bytes: Uint8Array) {
    const pieces: (Uint8Array | undefined)[] = [];
    let at = 0;
    while (at < bytes.length) {
      let length = bytes[at++] as number;
      if (length >= 128) length = (length & 0x7f) + (bytes[at++] ?? 0) * 128;
      if (at + length > bytes.length)
        throw new ParleyError('tokenizer.bin ends in the middle of a token; fetch the model again.', {
          code: 'models.damaged',
        });
      pieces.push(length === 0 ? undefined : bytes.subarray(at, at + length));
      at += length;
    }
    this.#pieces = pieces;
    for (const [id, piece] of pieces.entries()) {
      // A single byte stands in the vocabulary twice: the first time it is a part of a character that has no piece.
      if (!piece || (piece.length === 1 && (piece[0] as number) > 0x7f)) continue;
      const text = Buffer.from(piece).toString('utf8');
      if (piece.length === 1 || !this.#ids.has(text)) this.#ids.set(text, id);
    }
  }

  get size(): number {
    return this.#pieces.length;
  }

  /**
   * The tokens of a text that begins with a word. Byte pair encoding (Sennrich et al. 2016) as SentencePiece does it: of
   * two neighbours that make a piece, those that make the one with the lowest id are joined first.
   *
   * @returns undefined for a text with a character that the vocabulary has no piece for
   */
  encode(text: string): number[] | undefined {
    const pieces = [...`▁${text.trim().replaceAll(/\s+/g, '▁')}`];
    for (;;) {
      let best: { readonly at: number; readonly id: number } | undefined;
      for (let at = 0; at + 1 < pieces.length; at++) {
        const id = this.#ids.get(`${pieces[at]}${pieces[at + 1]}`);
        if (id !== undefined && (best === undefined || id < best.id)) best = { at, id };
      }
      if (!best) break;
      pieces.splice(best.at, 2, `${pieces[best.at]}${pieces[best.at + 1]}`);
    }
    const ids = pieces.map((piece) => this.#ids.get(piece));
    return ids.every((id) => id !== undefined) ? ids : undefined;
  }

  decode(tokens: readonly number[]): string {
    return this.#textOf(tokens).trim();
  }

  /** The words that the tokens spell, and which tokens spell each. A token without text belongs to no word. */
  words(tokens: readonly number[]): TokenWord[] {
    const groups: number[][] = [];
    for (const [index, token] of tokens.entries()) {
      const piece = this.#pieces[token];
      if (!piece || isMarkup(piece)) continue;
      const open = groups.at(-1);
      if (open && !beginsWord(piece)) open.push(index);
      else groups.push([index]);
    }
    return groups
      .map((indexes) => ({ text: this.#textOf(indexes.map((index) => tokens[index] as number)).trim(), indexes }))
      .filter(({ text }) => text !== '');
  }

  #textOf(tokens: readonly number[]): string {
    const parts: Uint8Array[] = [];
    for (const token of tokens) {
      const piece = this.#pieces[token];
      if (piece && !isMarkup(piece)) parts.push(piece);
    }
    return Buffer.concat(parts).toString('utf8').replaceAll('▁', ' ');
  }
}

function beginsWord(piece: Uint8Array): boolean {
  return piece.length >= space.length && space.every((byte, index) => piece[index] === byte);
}

/** Control tokens look like "<s>" or "<<ST_3>>" and are never spoken. */
function isMarkup(piece: Uint8Array): boolean {
  return piece.length > 2 && piece[0] === 0x3c && piece[piece.length - 1] === 0x3e;
}
