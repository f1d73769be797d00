/** Text that comes in pieces of any length, given out in whole words. */
export class WholeWords {
  #rest = '';

  /** @returns words that are whole now, with one space between them; empty where none are */
  push(piece: string): string {
    const all = this.#rest + piece;
    const end = all.search(/\s\S*$/);
    this.#rest = end < 0 ? all : all.slice(end);
    return end < 0 ? '' : tidy(all.slice(0, end));
  }

  /** @returns what is left */
  end(): string {
    const rest = tidy(this.#rest);
    this.#rest = '';
    return rest;
  }
}

function tidy(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
