/** Streaming speech to text. One `listen` is one call; utterances follow one another inside it. */
export type SpeechToText = {
  readonly name: string;
  readonly capabilities: {
    readonly partials: boolean;
    /** `estimated`: good to some 100 ms. */
    readonly wordTimes: 'none' | 'estimated' | 'exact';
    readonly languages: readonly string[];
  };
  /**
   * Consumes `input` until it ends or `signal` aborts. A request that fails is answered by an `error` event for that
   * request; the stream itself goes on.
   */
  listen(options: SpeechToTextOptions): AsyncIterable<SpeechToTextEvent>;
  close(): Promise<void>;
};

export type SpeechToTextOptions = {
  readonly callId: string;
  readonly input: AsyncIterable<SpeechToTextInput>;
  readonly signal: AbortSignal;
  /** Names, products and other phrases that are likelier in this call than usual; an engine may refuse too many. */
  readonly keywords?: readonly Keyword[];
  /**
   * `live`: somebody speaks and is waited for. `background`: a recording, which nobody's call may wait behind; there are no
   * partials of it. @defaultValue 'live'
   */
  readonly urgency?: 'live' | 'background';
};

export type Keyword = {
  readonly text: string;
  /** How much likelier, in nats for each token of the phrase: 1 is a little. */
  readonly weight: number;
};

export type SpeechToTextInput =
  /** A new utterance begins; audio until the next `start` belongs to it. */
  | { readonly type: 'start'; readonly utterance: number }
  /** 16 kHz mono, appended to the current utterance. */
  | { readonly type: 'audio'; readonly samples: Float32Array }
  /** Transcribe all that was pushed so far, once; answered by `final` or `error` with the same request number. */
  | { readonly type: 'freeze'; readonly utterance: number; readonly request: number }
  /** A partial is wanted now, whatever the pace of partials. An engine without partials does nothing. */
  | { readonly type: 'look'; readonly utterance: number }
  /** Nothing more is wanted of this utterance; its audio may be forgotten. */
  | { readonly type: 'end'; readonly utterance: number };

/** Times are relative to the first sample of the utterance. */
export type TranscribedWord = {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  /** How sure the engine is of the word, 0..1: for comparing words of one engine, not a calibrated probability. */
  readonly confidence: number;
};

/** A first piece of an utterance's first word ("ex" of "excuse", or all of it), and how likely that is, 0..1. */
export type Beginning = { readonly text: string; readonly probability: number };

export type SpeechToTextEvent =
  /**
   * Words so far, one space between them. The first `stableWords` of them stay as they are in all later partials, but
   * for what a `correction` says; the rest may be revised by any later event of the utterance.
   */
  | {
      readonly type: 'partial';
      readonly utterance: number;
      readonly text: string;
      readonly stableWords: number;
      /**
       * How the utterance may begin, the likeliest first: tells something before there are words that can be believed. Absent
       * where the engine does not tell, or the beginning was not decoded this time.
       */
      readonly beginnings?: readonly Beginning[];
      readonly audioMs: number;
    }
  /**
   * More context has changed a word that was called stable; comes before the final or partial that shows it. Capitals and
   * punctuation may change without.
   */
  | {
      readonly type: 'correction';
      readonly utterance: number;
      /** Its position among the stable words, counted before any correction of the same decoding. */
      readonly word: number;
      /** Empty: a word comes in before this position. */
      readonly from: string;
      /** Empty: the word goes. */
      readonly to: string;
    }
  | {
      readonly type: 'final';
      readonly utterance: number;
      readonly request: number;
      readonly text: string;
      readonly words: readonly TranscribedWord[];
      readonly audioMs: number;
      readonly computeMs: number;
    }
  | { readonly type: 'error'; readonly utterance: number; readonly request: number; readonly error: Error };
