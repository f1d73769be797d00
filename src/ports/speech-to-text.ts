/** Streaming speech to text. One `listen` is one call; utterances follow one another inside it. */
export type SpeechToText = {
  readonly name: string;
  readonly capabilities: {
    readonly partials: boolean;
    /** `estimated`: from when a word first appeared and the signal's energy. */
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
};

export type SpeechToTextInput =
  /** A new utterance begins; audio until the next `start` belongs to it. */
  | { readonly type: 'start'; readonly utterance: number }
  /** 16 kHz mono, appended to the current utterance. */
  | { readonly type: 'audio'; readonly samples: Float32Array }
  /** Transcribe all that was pushed so far, once; answered by `final` or `error` with the same request number. */
  | { readonly type: 'freeze'; readonly utterance: number; readonly request: number }
  /** Nothing more is wanted of this utterance; its audio may be forgotten. */
  | { readonly type: 'end'; readonly utterance: number };

/** Times are relative to the first sample of the utterance. */
export type TranscribedWord = { readonly text: string; readonly startMs: number; readonly endMs: number };

export type SpeechToTextEvent =
  /** May be revised by any later event of the utterance. */
  | { readonly type: 'partial'; readonly utterance: number; readonly text: string; readonly audioMs: number }
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
