/** What the far end has said that it played of one reply. */
type Acknowledged = {
  playedMs: number;
  /** When it said so, on the clock. */
  readonly atMs: number;
};

/** A reply that is over: how much of it was heard, as far as is known. */
export type Heard = {
  readonly playedMs: number;
  /** No mark moves it beyond what was sent. */
  readonly sentMs: number;
  readonly basis: 'acknowledged' | 'estimated';
};

/** Replies that a late mark may be about. */
const keptReplies = 16;

/**
 * What marks tell of the replies of a call. A mark says that no less was played; only the last one says that no more was.
 * So marks may come late, twice or not at all, and in any order.
 */
export class Acknowledgements {
  #playing: ({ readonly reply: number } & Acknowledged) | undefined;
  readonly #over = new Map<number, Heard>();

  /** A mark of the reply that is being sent. */
  note(reply: number, playedMs: number, sentMs: number, atMs: number): void {
    if (!isPosition(playedMs)) return;
    if (this.#playing?.reply === reply && playedMs <= this.#playing.playedMs) return;
    this.#playing = { reply, playedMs: Math.min(playedMs, sentMs), atMs };
  }

  /**
   * The reply was stopped.
   * @param expectedMs how much of it was played if the network took no time
   * @returns how much was played: since the last mark, playing has gone on
   */
  stopped(reply: number, expectedMs: number, sentMs: number, atMs: number): Heard {
    const mark = this.#take(reply);
    return this.#keep(
      reply,
      mark
        ? { playedMs: Math.min(expectedMs, mark.playedMs + (atMs - mark.atMs)), sentMs, basis: 'acknowledged' }
        : { playedMs: expectedMs, sentMs, basis: 'estimated' },
    );
  }

  /** All of the reply was sent, and nothing keeps the far end from playing it. */
  completed(reply: number, sentMs: number): Heard {
    const mark = this.#take(reply);
    return this.#keep(reply, {
      playedMs: sentMs,
      sentMs,
      basis: mark && mark.playedMs >= sentMs ? 'acknowledged' : 'estimated',
    });
  }

  /** A mark of a reply that is over. @returns what is known now, undefined when it is nothing new */
  amend(reply: number, playedMs: number, last: boolean): Heard | undefined {
    const known = this.#over.get(reply);
    if (!known || !isPosition(playedMs)) return undefined;
    const bounded = Math.min(playedMs, known.sentMs);
    if (!last && bounded < known.playedMs) return undefined;
    if (bounded === known.playedMs && known.basis === 'acknowledged') return undefined;
    return this.#keep(reply, { ...known, playedMs: bounded, basis: 'acknowledged' });
  }

  #take(reply: number): Acknowledged | undefined {
    const mark = this.#playing?.reply === reply ? this.#playing : undefined;
    this.#playing = undefined;
    return mark;
  }

  #keep(reply: number, heard: Heard): Heard {
    this.#over.set(reply, heard);
    for (const oldest of this.#over.keys()) {
      if (this.#over.size <= keptReplies) break;
      this.#over.delete(oldest);
    }
    return heard;
  }
}

function isPosition(ms: number): boolean {
  return Number.isFinite(ms) && ms >= 0;
}
