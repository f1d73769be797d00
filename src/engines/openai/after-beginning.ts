/** Fewer words than this may follow the beginning by chance. */
const fewestRepeatedWords = 3;

/**
 * What a reply adds to a beginning that it was asked to go on from. A server that begins anew, or with the last words of
 * the beginning, has those cut off; until it is clear whether it does, its text is held back.
 */
export class AfterBeginning {
  readonly #beginning: string;
  /** What it may repeat, the longest first. */
  readonly #repeatable: readonly string[];
  #held = '';
  #decided: boolean;
  #first = true;

  constructor(beginning: string) {
    this.#beginning = beginning;
    const words = plain(beginning).trim().split(' ');
    const most = words.length - fewestRepeatedWords;
    this.#repeatable = [
      words.join(' '),
      ...Array.from({ length: Math.max(0, most) }, (_, index) => words.slice(index + 1).join(' ')),
    ].filter((text) => text !== '');
    this.#decided = this.#repeatable.length === 0;
  }

  /** @returns what of the reply is new; it may be empty */
  push(text: string): string {
    if (this.#decided) return this.#joined(text);
    this.#held += text;
    const begun = plain(this.#held).trimStart();
    // A space more or less at its end says nothing.
    const undecided = this.#repeatable.some((each) => each.startsWith(begun) || each.startsWith(begun.trimEnd()));
    if (undecided) return '';
    return this.end();
  }

  /** What was held back, when the reply is over. */
  end(): string {
    if (this.#decided) return '';
    this.#decided = true;
    const begun = plain(this.#held).trimStart();
    const repeated = this.#repeatable.find((each) => begun.startsWith(each));
    // A reply that ended within what it repeats has added nothing.
    if (repeated === undefined && this.#repeatable.some((each) => each.startsWith(begun.trimEnd()))) return '';
    return this.#joined(repeated === undefined ? this.#held : behind(this.#held, repeated.length));
  }

  /** One space between the beginning and what follows it. */
  #joined(text: string): string {
    if (!this.#first || text === '') return text;
    if (this.#beginning === '') {
      this.#first = false;
      return text;
    }
    if (/\s$/.test(this.#beginning)) {
      const rest = text.trimStart();
      if (rest !== '') this.#first = false;
      return rest;
    }
    this.#first = false;
    return /^[\p{L}\p{N}"“'(¿¡$€£]/u.test(text) ? ` ${text}` : text;
  }
}

function plain(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ');
}

/** The text behind so many characters of its plain form. */
function behind(text: string, plainLength: number): string {
  const begin = text.length - text.trimStart().length;
  for (let at = begin; at <= text.length; at++)
    if (
      plain(text.slice(begin, at)).length >= plainLength &&
      plain(text.slice(begin, at)).trimEnd().length >= plainLength
    )
      return text.slice(at);
  return '';
}
