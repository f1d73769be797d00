import type { Resampler } from '../audio/resample.js';
import type { BrainSession, DraftTag } from '../ports/brain.js';
import type { Clock } from '../ports/clock.js';
import type { Transport } from '../ports/transport.js';
import type { AdoptedReply } from './drafts.js';
import type { Ear } from './listen/ear.js';
import { type PhraseSet, phraseSource } from './phrases.js';
import type { CallRecorder } from './recording.js';
import type { SessionEvent } from './session-events.js';
import { PlayoutLedger } from './speak/ledger.js';
import { Pacer } from './speak/pacer.js';
import { ReplySource } from './speak/reply-source.js';
import type { PhraseName } from './turn/events.js';
import { type TurnTiming, turnMarks } from './turn-timing.js';

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
  readonly timingOf: (turn: number) => TurnTiming;
  readonly onAudible: (reply: number) => void;
  readonly onDone: (reply: number, endCall: string | undefined) => void;
  readonly onDry: (reply: number) => void;
  readonly onFlows: (reply: number) => void;
};

type OpenReply = {
  readonly reply: number;
  /** Undefined for a phrase. */
  readonly tag: DraftTag | undefined;
  adopted: AdoptedReply | undefined;
  readonly phraseText: string;
  /** When the caller could hear its first sample, on the clock. */
  audibleMs: number | undefined;
};

/** The agent's side of the floor: the one reply that is being played, and what the caller has heard of it. */
export class Floor {
  readonly #options: FloorOptions;
  readonly #ledger = new PlayoutLedger();
  readonly #pacer: Pacer;
  #open: OpenReply | undefined;
  /** What was generated for recent replies, for amendments that come late. */
  readonly #generated = new Map<number, string>();

  constructor(options: FloorOptions) {
    this.#options = options;
    const { transport, clock, sourceRateHz, resampler, observer } = options;
    this.#pacer = new Pacer({
      transport,
      clock,
      ledger: this.#ledger,
      sourceRateHz,
      resampler,
      events: {
        onAudible: (reply, atMs) => this.#audible(reply, atMs),
        onText: (reply, text) => {
          if (text !== '') observer({ type: 'reply-text', reply, text });
        },
        onDone: (reply) => this.#done(reply),
        onDry: options.onDry,
        onFlows: options.onFlows,
        onFrame: (samples, atMs) => options.recorder?.agent(samples, options.ear.audioAt(atMs)),
      },
    });
  }

  /** Plays an adopted draft as `reply`. */
  play(reply: number, tag: DraftTag, adopted: AdoptedReply): void {
    this.#open = { reply, tag, adopted, phraseText: '', audibleMs: undefined };
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
    const pieces = this.#options.phrases[phrase];
    if (this.#open?.reply === reply) return this.#pacer.bridge(reply, phraseSource(pieces));
    this.#options.observer({ type: 'reply-started', reply, turn: undefined });
    if (phrase === 'filler') {
      this.#open = { reply, tag: undefined, adopted: undefined, phraseText: '', audibleMs: undefined };
      this.#pacer.play(reply, new ReplySource());
      return this.#pacer.bridge(reply, phraseSource(pieces));
    }
    const phraseText = pieces
      .map((piece) => piece.text)
      .join(' ')
      .trim();
    this.#open = { reply, tag: undefined, adopted: undefined, phraseText, audibleMs: undefined };
    this.#pacer.play(reply, phraseSource(pieces));
    return true;
  }

  lower(reply: number): boolean {
    return this.#pacer.lower(reply);
  }

  restore(reply: number): boolean {
    return this.#pacer.restore(reply);
  }

  stop(reply: number, why: 'interrupted' | 'cancelled' | 'failed'): boolean {
    const open = this.#open;
    if (open?.reply !== reply) return false;
    this.#open = undefined;
    open.adopted?.abort();
    const playedMs = this.#pacer.stop(reply)?.playedMs ?? 0;
    this.#settle(open, this.#ledger.heard(reply, playedMs) ?? '', why);
    return true;
  }

  /** The client has played only this much of a reply. */
  truncate(reply: number, playedMs: number): string | undefined {
    const text = this.#ledger.heard(reply, playedMs);
    if (text === undefined) return undefined;
    const generated = this.#generated.get(reply) ?? text;
    this.#options.brain.heard({ reply, text, generated, complete: false, heardBasis: 'truncated' });
    return text;
  }

  sentMs(reply: number): number {
    return this.#ledger.lengthMs(reply);
  }

  close(): void {
    const open = this.#open;
    if (open) this.stop(open.reply, 'cancelled');
    this.#pacer.close();
  }

  #audible(reply: number, audibleMs: number): void {
    if (this.#open?.reply === reply) this.#open.audibleMs = audibleMs;
    this.#options.onAudible(reply);
  }

  /** The turn's waterfall, told when the reply is over: only then are its tokens counted. */
  #measure(open: OpenReply): void {
    const { observer, ear, timingOf } = this.#options;
    if (!open.tag || !open.adopted || open.audibleMs === undefined) return;
    const timing = timingOf(open.tag.turn);
    if (timing.committedMs === undefined) return;
    const at = {
      speechEndMs: ear.clockAt(timing.speechEndAudioMs),
      audibleMs: open.audibleMs,
      onsetAudioMs: ear.audioAt(open.audibleMs),
    };
    observer({ type: 'turn-measured', marks: turnMarks(timing, open.reply, open.adopted.reply.marks, at) });
  }

  #done(reply: number): void {
    const open = this.#open;
    if (open?.reply !== reply) return;
    this.#open = undefined;
    this.#settle(open, this.#ledger.heard(reply, Number.POSITIVE_INFINITY) ?? '', 'completed');
    this.#options.onDone(reply, open.adopted?.reply.endCall);
  }

  #settle(open: OpenReply, heard: string, status: 'completed' | 'interrupted' | 'cancelled' | 'failed'): void {
    const { brain, observer } = this.#options;
    const { reply } = open;
    this.#measure(open);
    const generated = open.adopted?.reply.generated ?? open.phraseText;
    this.#generated.set(reply, generated);
    this.#generated.delete(reply - 16);
    brain.heard({ reply, text: heard, generated, complete: status === 'completed', heardBasis: 'estimated' });
    observer({ type: 'reply-finished', reply, status, heard, heardBasis: 'estimated' });
  }
}
