import type { Resampler } from '../audio/resample.js';
import type { BrainSession, DraftTag } from '../ports/brain.js';
import type { Clock } from '../ports/clock.js';
import type { Transport } from '../ports/transport.js';
import type { AdoptedReply } from './drafts.js';
import type { Ear } from './listen/ear.js';
import type { OverlapListener } from './listen/overlap-listener.js';
import type { Openers } from './openers.js';
import { type Phrase, type PhraseSet, phraseSource } from './phrases.js';
import type { CallRecorder } from './recording.js';
import type { SessionEvent } from './session-events.js';
import type { Heard } from './speak/acknowledgements.js';
import { HeardReplies } from './speak/heard-replies.js';
import { PlayoutLedger } from './speak/ledger.js';
import { Pacer, type SoundRole } from './speak/pacer.js';
import { ReplySource } from './speak/reply-source.js';
import { type SpokenPiece, writtenPiece } from './speak/spoken-piece.js';
import type { PhraseName, TurnEventBody } from './turn/events.js';
import { inferExpectedAnswer } from './turn/infer-expected-answer.js';
import type { TurnState } from './turn/state.js';
import { type HeardAt, type TurnTimings, turnMarks } from './turn-timing.js';

export type FloorOptions = {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly brain: BrainSession;
  readonly sourceRateHz: number;
  readonly resampler: Resampler | undefined;
  readonly phrases: PhraseSet;
  readonly observer: (event: SessionEvent) => void;
  readonly recorder: CallRecorder | undefined;
  readonly ear: Ear;
  /** Knows our sound again when it comes back. */
  readonly overlaps: OverlapListener;
  readonly openers: Openers;
  readonly timings: TurnTimings;
  readonly state: () => TurnState;
  readonly dispatch: (event: TurnEventBody) => void;
};

type OpenReply = {
  readonly reply: number;
  /** Undefined for a phrase. */
  readonly tag: DraftTag | undefined;
  adopted: AdoptedReply | undefined;
  readonly phraseText: string;
  /** Its text is read, and it has no sound. */
  readonly written: boolean;
  /** When the caller could hear the first sample of each kind of sound, on the clock. */
  readonly heardAt: HeardAt;
  /** When something was put in front of it to bridge the wait. */
  bridgedMs: number | undefined;
  /** How far the client says that it was played, while more of it was still being sent. */
  truncatedMs: number | undefined;
  /** A sign of listening: nothing that was said. */
  readonly murmured: boolean;
};

function newReply(reply: number, written: boolean): OpenReply {
  return {
    reply,
    written,
    tag: undefined,
    adopted: undefined,
    phraseText: '',
    heardAt: {},
    bridgedMs: undefined,
    truncatedMs: undefined,
    murmured: false,
  };
}

function asWritten({ text, rateHz }: SpokenPiece): SpokenPiece {
  return writtenPiece(text, rateHz);
}

/** Words this old can still come back as an echo and be heard. */
const recentMs = 4_000;
/** How much quieter than a reply a sign of listening is. */
const murmurGain = 10 ** (-6 / 20);

function quietly(piece: SpokenPiece): SpokenPiece {
  return { ...piece, samples: piece.samples.map((sample) => sample * murmurGain) };
}

/** The agent's side of the floor: the one reply that is being played, and what the caller has heard of it. */
export class Floor {
  readonly #options: FloorOptions;
  readonly #ledger = new PlayoutLedger();
  readonly #pacer: Pacer;
  #open: OpenReply | undefined;
  readonly #heard: HeardReplies;
  /** How often each phrase was said: its wordings take turns. */
  readonly #said = new Map<PhraseName, number>();

  constructor(options: FloorOptions) {
    this.#options = options;
    const { transport, clock, sourceRateHz, resampler, observer, dispatch } = options;
    this.#heard = new HeardReplies(options.brain, this.#ledger);
    this.#pacer = new Pacer({
      transport,
      clock,
      ledger: this.#ledger,
      sourceRateHz,
      resampler,
      events: {
        onSound: (reply, role, atMs) => this.#sounds(reply, role, atMs),
        onText: (reply, text) => {
          if (text === '') return;
          observer({ type: 'reply-text', reply, text });
          if (this.#open?.reply === reply && this.#open.written) this.#sounds(reply, 'content', clock.nowMs());
        },
        onDone: (reply) => this.#done(reply),
        onDry: (reply) => dispatch({ type: 'reply-dry', reply }),
        onFlows: (reply) => dispatch({ type: 'reply-flows', reply }),
        onFrame: (samples, atMs) => {
          const positionMs = options.ear.audioAt(atMs);
          options.recorder?.agent(samples, positionMs);
          options.overlaps.play(samples, positionMs);
        },
        onPassage: (reply, begins) => dispatch({ type: begins ? 'passage-begins' : 'passage-over', reply }),
      },
    });
  }

  /** Plays an adopted draft as `reply`. */
  play(reply: number, tag: DraftTag, adopted: AdoptedReply): void {
    this.#endMurmur();
    this.#open = { ...newReply(reply, adopted.reply.written), tag, adopted };
    this.#pacer.play(reply, adopted.reply.source);
  }

  /** Whether this reply was begun already, by what bridges the wait for it. */
  isOpen(reply: number): boolean {
    return this.#open?.reply === reply;
  }

  /** Whether a reply to this turn was committed and is still on its way. */
  awaits(turn: number, revision: number): boolean {
    return this.#open?.tag?.turn === turn && this.#open.tag.revision === revision;
  }

  /** A draft that was begun anew takes the place of the one that failed. */
  replace(turn: number, revision: number, adopted: AdoptedReply): void {
    if (!this.#open || !this.awaits(turn, revision)) return;
    this.#open.adopted?.abort();
    this.#open.adopted = adopted;
    this.#pacer.play(this.#open.reply, adopted.reply.source);
  }

  /** Says a phrase: as a reply of its own, or to bridge the wait for a reply, which is opened if need be. */
  say(reply: number, phrase: PhraseName): boolean {
    this.#endMurmur();
    const { written: writes, tool } = this.#options.state().talk;
    const written = this.#open?.reply === reply ? this.#open.written : writes;
    const pieces = written ? this.#nextWording(phrase).map(asWritten) : this.#nextWording(phrase);
    if (this.#open?.reply === reply) {
      this.#open.bridgedMs ??= this.#options.clock.nowMs();
      return this.#pacer.bridge(reply, phraseSource(pieces));
    }
    this.#options.observer({ type: 'reply-started', reply, turn: undefined, phrase });
    // What bridges the wait for a tool is a reply of its own.
    if (phrase === 'filler' && !tool) {
      this.#open = { ...newReply(reply, written), bridgedMs: this.#options.clock.nowMs() };
      this.#pacer.play(reply, new ReplySource());
      return this.#pacer.bridge(reply, phraseSource(pieces));
    }
    const phraseText = pieces
      .map((piece) => piece.text)
      .join(' ')
      .trim();
    this.#open = { ...newReply(reply, written), phraseText };
    this.#pacer.play(reply, phraseSource(pieces));
    return true;
  }

  /** Says quietly that somebody listens. It gives way to any reply, and is nothing that was said. */
  murmur(reply: number): boolean {
    const pieces = this.#nextWording('backchannel');
    if (this.#open || pieces.length === 0) return false;
    this.#options.observer({ type: 'reply-started', reply, turn: undefined, phrase: 'backchannel' });
    this.#open = { ...newReply(reply, false), murmured: true };
    this.#pacer.play(reply, phraseSource(pieces.map(quietly)));
    return true;
  }

  hold(): void {
    this.#pacer.hold();
  }

  /** `lostMs`: what the far end has not got of what was sent. @defaultValue what it cannot have played */
  release(lostMs?: number): void {
    this.#pacer.release(lostMs);
  }

  lower(reply: number): boolean {
    return this.#pacer.lower(reply);
  }

  /** Falls silent, and can still go on. */
  pause(reply: number, withinMs: number): boolean {
    return this.#pacer.pause(reply, withinMs);
  }

  /** The caller was no interruption. A client that stopped playing for it goes on with what is sent from now on. */
  restore(reply: number, again: boolean): boolean {
    if (this.#open?.reply === reply) this.#open.truncatedMs = undefined;
    return this.#pacer.restore(reply, again);
  }

  /** What the caller seemed to say was none of a turn: a client that stopped playing for it plays on. */
  goesOn(): void {
    if (this.#open) this.#open.truncatedMs = undefined;
  }

  /** What the agent has been saying lately: for telling its echo from the caller's words. */
  recentWords(): readonly string[] {
    const reply = this.#open?.reply;
    return reply === undefined ? [] : this.#ledger.wordsUntil(reply, this.#pacer.playedMs, recentMs);
  }

  stop(reply: number, why: 'interrupted' | 'cancelled' | 'failed', withinMs = 0): boolean {
    const open = this.#open;
    if (open?.reply !== reply) return false;
    this.#open = undefined;
    open.adopted?.abort();
    const { gapMs } = this.#pacer;
    const { playedMs, sentMs } = this.#pacer.stop(reply, withinMs) ?? { playedMs: 0, sentMs: 0 };
    const heard = this.#heard.acknowledgements.stopped(reply, playedMs, sentMs, this.#options.clock.nowMs());
    // What was written has been read.
    this.#settle(open, open.written ? { ...heard, playedMs: Number.POSITIVE_INFINITY } : heard, why, gapMs);
    return true;
  }

  /** The client has played only this much of a reply. Of one that goes on, the rest is known when it is over. */
  truncate(reply: number, playedMs: number): string | undefined {
    const text = this.#ledger.heard(reply, playedMs);
    if (text === undefined) return undefined;
    if (this.#open?.reply === reply) {
      this.#open.truncatedMs = playedMs;
      return text;
    }
    this.#heard.truncated(reply, text);
    return text;
  }

  /** The far end has played this much of a reply, and with `last` no more. Of one that is over, the history is amended. */
  played(reply: number, playedMs: number, last: boolean): void {
    const { clock } = this.#options;
    if (this.#open?.reply === reply)
      this.#heard.acknowledgements.note(reply, playedMs, this.#pacer.sentMs, clock.nowMs());
    else this.#heard.amended(reply, playedMs, last);
  }

  sentMs(reply: number): number {
    return this.#ledger.lengthMs(reply);
  }

  close(): void {
    const open = this.#open;
    if (open) this.stop(open.reply, 'cancelled');
    this.#pacer.close();
  }

  #endMurmur(): void {
    if (this.#open?.murmured) this.stop(this.#open.reply, 'cancelled');
  }

  #nextWording(phrase: PhraseName): Phrase {
    const wordings = this.#options.phrases[phrase];
    const said = this.#said.get(phrase) ?? 0;
    this.#said.set(phrase, said + 1);
    return wordings[said % wordings.length] ?? [];
  }

  #sounds(reply: number, role: SoundRole, atMs: number): void {
    const begun = this.#open?.heardAt.opener !== undefined || this.#open?.heardAt.content !== undefined;
    if (this.#open?.reply === reply) this.#open.heardAt[role] ??= atMs;
    if (role !== 'filler' && !begun && !this.#open?.murmured) this.#options.dispatch({ type: 'reply-audible', reply });
  }

  /** The turn's waterfall, told when the reply is over: only then are its tokens counted. */
  #measure(open: OpenReply, gapMs: number): void {
    const { observer, ear, timings, openers } = this.#options;
    const { heardAt, bridgedMs } = open;
    const audibleMs = Math.min(...Object.values(heardAt));
    if (!open.tag || !open.adopted || audibleMs === Number.POSITIVE_INFINITY) return;
    const timing = timings.of(open.tag.turn);
    if (timing.committedMs === undefined) return;
    const at = {
      speechEndMs: ear.clockAt(timing.speechEndAudioMs),
      onsetAudioMs: ear.audioAt(audibleMs),
      heardAt,
      bridgedMs,
      gapMs,
    };
    openers.heard(open.adopted.reply);
    observer({ type: 'turn-measured', marks: turnMarks(timing, open.reply, open.adopted.reply, at) });
  }

  #done(reply: number): void {
    const open = this.#open;
    if (open?.reply !== reply) return;
    this.#open = undefined;
    const heard = this.#heard.acknowledgements.completed(reply, this.#pacer.sentMs);
    const { brain, observer, dispatch } = this.#options;
    const { endCall, calls = [] } = open.adopted?.reply ?? {};
    for (const call of calls) observer({ type: 'tool-called', reply, call });
    this.#settle(open, { ...heard, playedMs: Number.POSITIVE_INFINITY }, 'completed', this.#pacer.gapMs);
    // Behind what was said before it.
    for (const call of calls) brain.addCall(call);
    const outcome = {
      ...(endCall === undefined ? {} : { endCall }),
      ...(calls.length > 0 ? { calls: true as const } : {}),
    };
    dispatch({ type: 'reply-done', reply, ...outcome });
  }

  #settle(
    open: OpenReply,
    heard: Heard,
    status: 'completed' | 'interrupted' | 'cancelled' | 'failed',
    gapMs: number,
  ): void {
    const { observer, dispatch } = this.#options;
    const { reply, truncatedMs, murmured, adopted } = open;
    this.#measure(open, gapMs);
    const generated = adopted?.reply.text ?? open.phraseText;
    const completed = status === 'completed';
    const { text, complete, heardBasis } = this.#heard.ended({
      reply,
      generated,
      heard,
      completed,
      truncatedMs,
      murmured,
    });
    if (text !== '' && !murmured) {
      const answer = (complete ? adopted?.reply.expects : undefined) ?? inferExpectedAnswer(text);
      if (answer) dispatch({ type: 'expect', answer });
    }
    const tokens = adopted?.reply.marks.tokens;
    observer({ type: 'reply-finished', reply, status, heard: text, heardBasis, ...(tokens ? { tokens } : {}) });
  }
}
