import { durationMs } from '../audio/frame.js';
import type { BrainSession, DraftTag, DraftTurn } from '../ports/brain.js';
import type { Clock } from '../ports/clock.js';
import type { TextToSpeech } from '../ports/text-to-speech.js';
import type { Opener, Openers } from './openers.js';
import type { PhraseCache } from './speak/phrase-cache.js';
import { PreparedReply } from './speak/prepared-reply.js';

export type DraftsOptions = {
  readonly brain: BrainSession;
  readonly tts: TextToSpeech;
  readonly voice: string;
  readonly speed: number;
  readonly phrases: PhraseCache;
  readonly openers: Openers;
  readonly clock: Clock;
  /** Whether a reply that begins now is written instead of spoken. @defaultValue never */
  readonly written?: () => boolean;
  readonly onFailed: (turn: number, revision: number, error: Error) => void;
  /** A draft was ended that nobody will hear: what it had cost by then. */
  readonly onWasted?: (waste: WastedDraft) => void;
  readonly onWorking?: (turn: number, revision: number) => void;
  /** The brain has read what a draft answers: how likely that is all that the caller wants to say. */
  readonly onRead?: (tag: DraftTag, messageOver: number) => void;
};

export type WastedDraft = DraftTag & { readonly tokens: number; readonly audioMs: number };

type Draft = {
  readonly turn: number;
  readonly revision: number;
  readonly reply: PreparedReply;
  readonly abort: AbortController;
};

/**
 * What was computed for replies that nobody heard: tokens, core-milliseconds of the engines, and audio. A slice of work
 * that was under way when its draft was given up is not in it, nor a prompt whose reply had no token yet: what that has
 * computed is of use to the next draft.
 */
export type DraftWaste = { drafts: number; tokens: number; computeMs: number; audioMs: number };

/** How a call's drafts have fared. */
export type DraftAccount = { readonly begun: number; readonly adopted: number; readonly wasted: Readonly<DraftWaste> };

/** The one reply that is being prepared ahead. A new draft, or a discard, ends the one before. */
export class Drafts {
  readonly #options: DraftsOptions;
  #open: Draft | undefined;
  #begun = 0;
  #adopted = 0;
  readonly #waste: DraftWaste = { drafts: 0, tokens: 0, computeMs: 0, audioMs: 0 };

  constructor(options: DraftsOptions) {
    this.#options = options;
  }

  /** What this call has drafted so far. */
  get account(): DraftAccount {
    return { begun: this.#begun, adopted: this.#adopted, wasted: { ...this.#waste } };
  }

  /** @param opener what the reply may begin with while the rest of it is being prepared */
  begin(turn: DraftTurn, opener?: Opener): PreparedReply {
    this.#end();
    const { brain, tts, voice, speed, phrases, openers, clock, written } = this.#options;
    const abort = new AbortController();
    const events = brain.draft(opener ? { ...turn, opener: opener.text } : turn, abort.signal);
    const { expectedReadyMs } = openers;
    const proposed = opener ? { opener: { ...opener, expectedReadyMs, worthMs: openers.worthMs(opener) } } : {};
    const voiced = { tts, voice, speed, phrases, written: written?.() ?? false, ...proposed };
    const onWorking = (): void => {
      if (!abort.signal.aborted) this.#options.onWorking?.(turn.turn, turn.revision);
    };
    const onRead = (messageOver: number): void => {
      if (!abort.signal.aborted) this.#options.onRead?.({ turn: turn.turn, revision: turn.revision }, messageOver);
    };
    const reply = new PreparedReply({ events, clock, signal: abort.signal, onWorking, onRead, ...voiced });
    const draft: Draft = { turn: turn.turn, revision: turn.revision, reply, abort };
    this.#open = draft;
    this.#begun += 1;
    reply.done.catch((error: Error) => {
      if (!abort.signal.aborted) this.#options.onFailed(turn.turn, turn.revision, error);
    });
    return reply;
  }

  /** The draft of this revision, which from now on belongs to whoever adopted it. */
  adopt(turn: number, revision: number): AdoptedReply | undefined {
    const draft = this.#open;
    if (draft?.turn !== turn || draft.revision !== revision) return undefined;
    this.#open = undefined;
    this.#adopted += 1;
    draft.reply.commit();
    return { reply: draft.reply, abort: () => draft.abort.abort(new Error('the reply was stopped')) };
  }

  discard(turn: number, revision: number): boolean {
    if (this.#open?.turn !== turn || this.#open.revision !== revision) return false;
    this.#options.brain.discard({ turn, revision });
    this.#end();
    return true;
  }

  close(): void {
    this.#end();
  }

  #end(): void {
    const draft = this.#open;
    if (!draft) return;
    this.#open = undefined;
    const { turn, revision, reply } = draft;
    const { tokens, computeMs } = reply.marks.spent;
    const audioMs = reply.source.pieces.reduce((sum, piece) => sum + durationMs(piece.samples.length, piece.rateHz), 0);
    this.#waste.drafts += 1;
    this.#waste.tokens += tokens;
    this.#waste.computeMs += computeMs;
    this.#waste.audioMs += audioMs;
    this.#options.onWasted?.({ turn, revision, tokens, audioMs: Math.round(audioMs) });
    draft.abort.abort(new Error('the draft was discarded'));
  }
}

export type AdoptedReply = { readonly reply: PreparedReply; readonly abort: () => void };
