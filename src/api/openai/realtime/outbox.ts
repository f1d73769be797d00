import type { WrittenEvent } from './event-writer.js';

/** What a client was sent of a reply in one event. */
type SentAudio = { readonly id: string; readonly reply: number; readonly lengthMs: number };

/** A minute of 20 ms frames: a connection that is lost is noticed sooner. */
const mostAudio = 3_000;

export type OutboxLimits = { readonly maxKeptEvents: number; readonly maxKeptBytes: number };

/** What was not heard is said again; sound that was is of no use any more. */
const notKept: ReadonlySet<string> = new Set(['response.output_audio.delta', 'parley.resumable', 'parley.resumed']);

export type Missed = {
  readonly events: readonly WrittenEvent[];
  /** None of them has been forgotten. */
  readonly complete: boolean;
  /** How much of each reply did not arrive; undefined when the client has not said what did. */
  readonly audioMs: ReadonlyMap<number, number> | undefined;
};

/** The events that a client was sent lately, for when it has lost its connection and does not know of the last ones. */
export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #kept: WrittenEvent[] = [];
  #audio: SentAudio[] = [];
  #bytes = 0;
  #lastId = '';
  #lastForgottenId = '';
  /** The last event before the connection was lost. */
  #lastBeforeLossId = '';

  constructor(limits: OutboxLimits) {
    this.#limits = limits;
  }

  keep(event: WrittenEvent): void {
    this.#lastId = event.id;
    if (notKept.has(event.type)) return;
    this.#kept.push(event);
    this.#bytes += event.text.length;
    const { maxKeptEvents, maxKeptBytes } = this.#limits;
    while (this.#kept.length > maxKeptEvents || this.#bytes > maxKeptBytes) {
      const oldest = this.#kept.shift();
      if (!oldest) return;
      this.#bytes -= oldest.text.length;
      this.#lastForgottenId = oldest.id;
    }
  }

  /** The last event carried audio. */
  keepAudio(reply: number, lengthMs: number): void {
    this.#audio.push({ id: this.#lastId, reply, lengthMs });
    if (this.#audio.length > 2 * mostAudio) this.#audio = this.#audio.slice(-mostAudio);
  }

  /** From here on nobody gets what is sent. */
  lost(): void {
    this.#lastBeforeLossId = this.#lastId;
  }

  /** Events behind `after`, or since the connection was lost; `complete` when none of them has been forgotten. */
  missed(after: string | undefined): Missed {
    // Ids of another session say nothing of this one.
    const known = after !== undefined && after.length === this.#lastId.length && after.slice(0, -6) === this.#session;
    const from = known ? after : this.#lastBeforeLossId;
    const audioMs = new Map<number, number>();
    for (const { id, reply, lengthMs } of known ? this.#audio : [])
      if (id > from) audioMs.set(reply, (audioMs.get(reply) ?? 0) + lengthMs);
    const events = this.#kept.filter(({ id }) => id > from);
    return { events, complete: this.#lastForgottenId <= from, audioMs: known ? audioMs : undefined };
  }

  get #session(): string {
    return this.#lastId.slice(0, -6);
  }
}
