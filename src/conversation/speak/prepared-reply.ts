import type { BrainEvent } from '../../ports/brain.js';
import type { Clock } from '../../ports/clock.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { ExpectedAnswer } from '../../ports/expected-answer.js';
import type { SpeechEvent, TextToSpeech } from '../../ports/text-to-speech.js';
import type { ToolCall } from '../../ports/tools.js';
import { ClauseCutter } from '../think/clauses.js';
import { isOpener } from '../think/openers.js';
import { withDeadline } from './deadline.js';
import { OpenerGate, type ProposedOpener } from './opener-gate.js';
import type { PhraseCache } from './phrase-cache.js';
import { ReplySource } from './reply-source.js';
import { type SpokenPiece, writtenPiece } from './spoken-piece.js';

/** When things happened in a draft, on the clock. */
export type ReplyMarks = {
  startedMs: number;
  firstTokenMs: number | undefined;
  firstClauseMs: number | undefined;
  /** First audio of what the reply says. */
  firstAudioMs: number | undefined;
  /** When an opener was put in front. */
  openerMs: number | undefined;
  tokens: { computed: number; reused: number; generated: number };
  phrases: { hits: number; misses: number; savedMs: number };
  /** What it has taken so far, as far as the engines tell. */
  spent: { tokens: number; computeMs: number };
};

export type PreparedReplyOptions = {
  readonly events: AsyncIterable<BrainEvent>;
  readonly tts: TextToSpeech;
  readonly voice: string;
  readonly speed: number;
  readonly phrases: PhraseCache;
  /** No audio is made: each clause is a piece without samples. @defaultValue false */
  readonly written?: boolean;
  /** The text that follows was written as the continuation of this. */
  readonly opener?: ProposedOpener;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The brain is at something that takes a while. */
  readonly onWorking?: () => void;
  /** The brain has read the caller's words: how likely these are all. */
  readonly onRead?: (messageOver: number) => void;
};

/** An engine that is silent for this long in the middle of a reply has hung: the caller must not wait with it. */
const stallMs = 8_000;

type Clause = { readonly text: string; readonly first: boolean; readonly last: boolean; readonly whole: boolean };

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
  /** What the agent waits for when all of this has been heard; undefined where its words tell. */
  expects: ExpectedAnswer | undefined;
  /** What the agent wants called when all of this has been heard. */
  readonly calls: ToolCall[] = [];
  readonly #options: PreparedReplyOptions;
  readonly #gate: OpenerGate;
  /** What the brain wrote so far, spoken or not. */
  #written = '';
  #opener: string | undefined;

  constructor(options: PreparedReplyOptions) {
    this.#options = options;
    this.marks = {
      startedMs: options.clock.nowMs(),
      firstTokenMs: undefined,
      firstClauseMs: undefined,
      firstAudioMs: undefined,
      openerMs: undefined,
      tokens: { computed: 0, reused: 0, generated: 0 },
      phrases: { hits: 0, misses: 0, savedMs: 0 },
      spent: { tokens: 0, computeMs: 0 },
    };
    this.#gate = new OpenerGate(options.opener, options.clock, (opener) => {
      this.#opener = opener.text;
      this.marks.openerMs = options.clock.nowMs();
      for (const piece of opener.pieces) this.source.add({ ...piece, opener: true });
    });
    options.signal.addEventListener('abort', () => this.#gate.close(), { once: true });
    const clauses = new EventQueue<Clause>(options.signal);
    this.done = Promise.all([this.#think(clauses), this.#speak(clauses)]).then(
      () => this.#end(),
      (error: Error) => {
        clauses.end();
        this.#gate.close();
        if (!options.signal.aborted) throw error;
      },
    );
  }

  /** What the reply begins with instead of content: an opener that was put in front, or one that the brain wrote. */
  get opener(): string | undefined {
    return this.#opener;
  }

  /** It has no audio. */
  get written(): boolean {
    return this.#options.written ?? false;
  }

  /** All text of the reply so far, spoken or not. */
  get text(): string {
    const written = this.#written.trim();
    if (!this.#options.opener) return written;
    return this.#gate.opened ? `${this.#options.opener.text} ${written}` : capitalised(written);
  }

  /** The reply is wanted: from now on an opener may be heard. */
  commit(): void {
    this.#gate.commit(this.marks.startedMs);
  }

  #end(): void {
    this.#gate.close();
    this.source.end();
  }

  async #think(clauses: EventQueue<Clause>): Promise<void> {
    const { clock, events, signal, onWorking, onRead } = this.#options;
    const cutter = new ClauseCutter();
    let count = 0;
    let whole = false;
    const give = (text: string, last: boolean): void => {
      this.marks.firstClauseMs ??= clock.nowMs();
      clauses.push({ text, first: count === 0, last, whole });
      count += 1;
    };
    try {
      for await (const event of withDeadline(events, { clock, stallMs, what: 'the brain', signal })) {
        if (event.type === 'usage') {
          this.marks.tokens = {
            computed: event.computedTokens,
            reused: event.reusedTokens,
            generated: event.newTokens,
          };
          continue;
        }
        if (event.type === 'expect') {
          this.expects = event.answer;
          continue;
        }
        if (event.type === 'end-call') {
          this.endCall = event.reason;
          continue;
        }
        if (event.type === 'working') {
          onWorking?.();
          continue;
        }
        if (event.type === 'call') {
          this.calls.push(event.call);
          continue;
        }
        if (event.messageOver !== undefined) onRead?.(event.messageOver);
        // No clause is in part to be heard to its end.
        const uninterruptible = event.interruptible === false;
        const before = uninterruptible === whole ? undefined : cutter.end();
        if (before !== undefined) give(before, false);
        whole = uninterruptible;
        this.marks.firstTokenMs ??= clock.nowMs();
        this.marks.spent.tokens += event.tokens ?? 1;
        this.marks.spent.computeMs += event.computeMs ?? 0;
        this.#written += event.text;
        this.#gate.answerBegins(this.#written, false);
        for (const clause of cutter.push(event.text)) give(clause, false);
      }
      this.#gate.answerBegins(this.#written, true);
      const rest = cutter.end();
      if (rest !== undefined) give(rest, true);
    } finally {
      clauses.end();
    }
  }

  async #speak(clauses: AsyncIterable<Clause>): Promise<void> {
    const { clock, opener, written, tts } = this.#options;
    if (written) {
      for await (const { text } of clauses) this.source.add(writtenPiece(text, tts.rateHz));
      return;
    }
    let before: string | undefined;
    for await (const clause of clauses) {
      // Of several stretches of audio the first carries the clause's text.
      let textLeft = clause.text;
      const selfOpened = clause.first && !opener && isOpener(clause.text);
      const after = before ?? (opener && this.#gate.opened ? opener.text : '');
      before = clause.text;
      for await (const piece of this.#audioOf(clause, after)) {
        if (this.#gate.undecided) this.#gate.contentIsReady();
        if (!selfOpened) this.marks.firstAudioMs ??= clock.nowMs();
        const text = clause.first && opener && !this.#gate.opened ? capitalised(textLeft) : textLeft;
        if (selfOpened) {
          this.#opener = clause.text;
          this.marks.openerMs ??= clock.nowMs();
        }
        const marks = { ...(selfOpened ? { opener: true } : {}), ...(clause.whole ? { whole: true } : {}) };
        this.source.add({ ...piece, text, ...marks });
        textLeft = '';
      }
    }
  }

  /** From memory where the clause was spoken before, else from the voice. */
  async *#audioOf({ text, first, last }: Clause, after: string): AsyncGenerator<Omit<SpokenPiece, 'text'>> {
    const { tts, voice, speed, signal, clock, phrases } = this.#options;
    const place = { continues: !last, after };
    const known = phrases.find(text, place);
    if (known) {
      this.marks.phrases.hits += 1;
      this.marks.phrases.savedMs += known.computeMs;
      yield* known.pieces;
      return;
    }
    this.marks.phrases.misses += 1;
    const urgency = first ? 'first' : 'later';
    const spoken = tts.speak({ text, voice, speed, ...place, urgency, signal });
    const pieces: SpokenPiece[] = [];
    for await (const event of withDeadline<SpeechEvent>(spoken, { clock, stallMs, what: 'text to speech', signal })) {
      if (event.type === 'finish') {
        this.marks.spent.computeMs += event.computeMs;
        if (!event.standIn) phrases.keep(text, place, pieces, event.computeMs);
      } else if (event.samples.length > 0) {
        const { samples, rateHz, words } = event;
        pieces.push({ text: '', samples, rateHz, words });
        yield { samples, rateHz, words };
      }
    }
  }
}

function capitalised(text: string): string {
  const trimmed = text.trimStart();
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
}
