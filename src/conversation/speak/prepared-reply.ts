import type { BrainEvent } from '../../ports/brain.js';
import type { Clock } from '../../ports/clock.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { TextToSpeech } from '../../ports/text-to-speech.js';
import { ClauseCutter } from '../think/clauses.js';
import { withDeadline } from './deadline.js';
import { ReplySource } from './reply-source.js';

/** When things happened in a draft, on the clock. */
export type ReplyMarks = {
  startedMs: number;
  firstTokenMs: number | undefined;
  firstClauseMs: number | undefined;
  firstAudioMs: number | undefined;
  tokens: { computed: number; reused: number; generated: number };
};

export type PreparedReplyOptions = {
  readonly events: AsyncIterable<BrainEvent>;
  readonly tts: TextToSpeech;
  readonly voice: string;
  readonly speed: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

/** An engine that is silent for this long in the middle of a reply has hung: the caller must not wait with it. */
const stallMs = 8_000;

type Clause = { readonly text: string; readonly first: boolean; readonly last: boolean };

/**
 * A reply that is being thought and spoken, clause by clause, into a source that may or may not come to be played.
 * `done` rejects when thinking or speaking fails; after an abort it resolves.
 */
export class PreparedReply {
  readonly source = new ReplySource();
  readonly marks: ReplyMarks;
  readonly done: Promise<void>;
  /** The agent wants to hang up after this. */
  endCall: string | undefined;
  /** All text that was generated so far, spoken or not. */
  generated = '';

  constructor(options: PreparedReplyOptions) {
    this.marks = {
      startedMs: options.clock.nowMs(),
      firstTokenMs: undefined,
      firstClauseMs: undefined,
      firstAudioMs: undefined,
      tokens: { computed: 0, reused: 0, generated: 0 },
    };
    const clauses = new EventQueue<Clause>(options.signal);
    this.done = Promise.all([this.#think(options, clauses), this.#speak(options, clauses)]).then(
      () => this.source.end(),
      (error: Error) => {
        clauses.end();
        if (!options.signal.aborted) throw error;
      },
    );
  }

  async #think(options: PreparedReplyOptions, clauses: EventQueue<Clause>): Promise<void> {
    const { clock } = options;
    const cutter = new ClauseCutter();
    let count = 0;
    const give = (text: string, last: boolean): void => {
      this.marks.firstClauseMs ??= clock.nowMs();
      clauses.push({ text, first: count === 0, last });
      count += 1;
    };
    try {
      for await (const event of withDeadline(options.events, { clock, stallMs, what: 'the brain' })) {
        if (event.type === 'usage') {
          this.marks.tokens = {
            computed: event.computedTokens,
            reused: event.reusedTokens,
            generated: event.newTokens,
          };
          continue;
        }
        if (event.type === 'end-call') {
          this.endCall = event.reason;
          continue;
        }
        this.marks.firstTokenMs ??= clock.nowMs();
        this.generated += event.text;
        for (const clause of cutter.push(event.text)) give(clause, false);
      }
      const rest = cutter.end();
      if (rest !== undefined) give(rest, true);
    } finally {
      clauses.end();
    }
  }

  async #speak(options: PreparedReplyOptions, clauses: AsyncIterable<Clause>): Promise<void> {
    const { tts, voice, speed, signal, clock } = options;
    for await (const { text, first, last } of clauses) {
      const urgency = first ? 'first' : 'later';
      let textLeft = text;
      const spoken = tts.speak({ text, voice, speed, continues: !last, urgency, signal });
      for await (const event of withDeadline(spoken, { clock, stallMs, what: 'text to speech' })) {
        if (event.type !== 'audio') continue;
        if (event.samples.length === 0) continue;
        this.marks.firstAudioMs ??= clock.nowMs();
        // A clause that comes in several stretches of audio is accounted to the first.
        this.source.add({ text: textLeft, samples: event.samples, rateHz: event.rateHz, words: event.words });
        textLeft = '';
      }
    }
  }
}
