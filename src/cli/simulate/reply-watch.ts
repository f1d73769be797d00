import type { ResponseStatus } from '../../client/server-events.js';
import type { ObservedCall, ReplyEnd, TimedText } from '../../testing/scenarios/observed-call.js';

/** Pace of ordinary speech: the server says which clause begins, not when each word of it is heard. */
const wordMs = 350;

type Watched = {
  readonly order: number;
  text: string;
  startMs: number | undefined;
  endMs: number;
  end: ReplyEnd;
  /** When the next word is expected. */
  nextWordMs: number;
};

/** The replies of a server as its client hears them. */
export class ReplyWatch {
  readonly #replies = new Map<string, Watched>();
  readonly #active = new Set<string>();
  readonly #words: TimedText[] = [];
  #latest = -1;
  #overlaps = 0;

  /** A reply is being made or spoken. */
  get busy(): boolean {
    return this.#active.size > 0;
  }

  /** Words in the order in which they are heard. Their times are estimates: a clause begins when it is announced. */
  get words(): readonly TimedText[] {
    return this.#words;
  }

  /** Times that an earlier reply was heard after a later one had begun. */
  get overlaps(): number {
    return this.#overlaps;
  }

  begins(id: string): void {
    this.#active.add(id);
    this.#of(id);
  }

  says(id: string, text: string, atMs: number): void {
    const reply = this.#of(id);
    reply.text += text;
    for (const word of text.split(/\s+/).filter((each) => each !== '')) {
      reply.nextWordMs = Math.max(reply.nextWordMs, atMs);
      this.#words.push({ text: word, atMs: reply.nextWordMs });
      reply.nextWordMs += wordMs;
    }
  }

  /** The reply is audible in this stretch of the recording. */
  sounds(id: string, fromMs: number, toMs: number): void {
    const reply = this.#of(id);
    if (reply.order < this.#latest) this.#overlaps += 1;
    this.#latest = Math.max(this.#latest, reply.order);
    reply.startMs ??= fromMs;
    reply.endMs = toMs;
  }

  /** @returns what the reply said */
  ends(id: string, status: ResponseStatus | undefined): string {
    const reply = this.#of(id);
    this.#active.delete(id);
    reply.end = status === 'cancelled' ? 'interrupted' : status === 'failed' ? 'failed' : 'completed';
    return reply.text.replace(/\s+/g, ' ').trim();
  }

  list(): ObservedCall['replies'] {
    return [...this.#replies.values()].flatMap(({ startMs, endMs, end }) =>
      startMs === undefined ? [] : [{ startMs, endMs, end }],
    );
  }

  #of(id: string): Watched {
    const known = this.#replies.get(id);
    if (known) return known;
    const reply: Watched = {
      order: this.#replies.size,
      text: '',
      startMs: undefined,
      endMs: 0,
      end: 'open',
      nextWordMs: 0,
    };
    this.#replies.set(id, reply);
    return reply;
  }
}
