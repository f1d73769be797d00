/**
 * A model that listens and speaks by itself. It ends turns and answers them on its own; transcripts and tool calls come
 * beside the audio. One `converse` is one call.
 */
export type SpeechToSpeech = {
  readonly name: string;
  readonly capabilities: {
    /** What `audio` of the input has to be, mono. */
    readonly inputRateHz: number;
    /** What `audio` of the events is, mono. */
    readonly outputRateHz: number;
    readonly voices: readonly string[];
    readonly tools: boolean;
    /** Whether the caller's words come as text. */
    readonly transcripts: boolean;
  };
  /**
   * Consumes `input` until it ends or `signal` aborts. Rejects when the conversation cannot go on; an `error` event is of a
   * single request, and the conversation goes on.
   */
  converse(options: ConverseOptions): AsyncIterable<SpeechToSpeechEvent>;
  close(): Promise<void>;
};

export type ConverseOptions = {
  readonly callId: string;
  readonly instructions: string;
  /** @defaultValue the first of the model's voices */
  readonly voice?: string;
  readonly tools?: readonly SpeechTool[];
  /** Where the model finds the end of a turn. `manual`: only where the input says `commit`. @defaultValue 'semantic' */
  readonly turns?: 'semantic' | 'silence' | 'manual';
  readonly input: AsyncIterable<SpeechToSpeechInput>;
  readonly signal: AbortSignal;
};

export type SpeechTool = {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments, an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
};

export type SpeechToSpeechInput =
  /** At `inputRateHz`. */
  | { readonly type: 'audio'; readonly samples: Float32Array }
  /** The caller's turn is over and is to be answered. With `turns: 'manual'`. */
  | { readonly type: 'commit' }
  /** Something of the caller that was written. It is answered at once, unless `respond` is false: then with `respond`. */
  | { readonly type: 'text'; readonly text: string; readonly respond?: boolean }
  /** The model speaks now, to these instructions where there are any (a greeting, for example). */
  | { readonly type: 'respond'; readonly instructions?: string }
  /** It is answered as a text is. */
  | { readonly type: 'tool-result'; readonly call: string; readonly output: string; readonly respond?: boolean }
  /** What may be called from the next reply on. */
  | { readonly type: 'tools'; readonly tools: readonly SpeechTool[] }
  /** The reply under way is not wanted any more. */
  | { readonly type: 'cancel' }
  /** Of this reply only so much was heard: the model forgets the rest. */
  | { readonly type: 'heard'; readonly reply: string; readonly playedMs: number };

/** `atMs` is audio time of the caller: how much of the input came before. */
export type SpeechToSpeechEvent =
  | { readonly type: 'speech-started'; readonly atMs: number }
  | { readonly type: 'speech-stopped'; readonly atMs: number }
  /** The caller's words of a turn. Partial ones may be revised. They may come after the reply has begun. */
  | { readonly type: 'caller-text'; readonly turn: string; readonly text: string; readonly final: boolean }
  | { readonly type: 'reply-started'; readonly reply: string }
  | { readonly type: 'audio'; readonly reply: string; readonly samples: Float32Array; readonly rateHz: number }
  /** What the audio says, appended. */
  | { readonly type: 'agent-text'; readonly reply: string; readonly text: string }
  | {
      readonly type: 'tool-call';
      readonly reply: string;
      readonly call: string;
      readonly name: string;
      /** JSON, as the model has written it: it may fit the tool's schema or not. */
      readonly arguments: string;
    }
  | {
      readonly type: 'reply-finished';
      readonly reply: string;
      readonly status: 'complete' | 'interrupted' | 'cancelled' | 'cut' | 'failed';
      readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | undefined;
      readonly marks: SpeechToSpeechMarks;
    }
  | { readonly type: 'error'; readonly error: Error };

/**
 * Times of one reply from the end of the caller's speech, by the model's own detection of it; named as the marks of a call's
 * turn. Undefined where the model does not tell, and all of them for a reply to nothing that was spoken.
 */
export type SpeechToSpeechMarks = {
  /** The turn was taken to be over. */
  readonly eouDelayMs: number | undefined;
  /** The caller's words were there. */
  readonly sttFinalMs: number | undefined;
  /** First words of the reply. */
  readonly llmFirstTokenMs: number | undefined;
  /** First audio of the reply arrived here. What a channel adds comes on top. */
  readonly ttsFirstAudioMs: number | undefined;
};
