/** What a client asks of the session. Absent keys stay as they are. */
export type SessionRequest = {
  /** `transcription`: the caller is written down, and nobody answers. */
  readonly type: 'realtime' | 'transcription';
  readonly instructions?: string;
  readonly output_modalities?: readonly ('audio' | 'text')[];
  readonly audio?: {
    readonly input?: { readonly turn_detection?: Readonly<Record<string, unknown>> | null };
    readonly output?: { readonly voice?: string; readonly speed?: number };
  };
  /** Parley's own settings; servers that do not know them ignore them. */
  readonly parley?: {
    /** Opts in to `parley.turn`, `parley.partial` and `parley.correction`. */
    readonly turn_metrics?: boolean;
    /** What the agent says first; false when the caller begins. */
    readonly greeting?: string | false;
  };
};

/** The events that this client sends: a subset of the OpenAI Realtime API. */
export type ClientEvent =
  | { readonly type: 'session.update'; readonly session: SessionRequest }
  /** `audio`: base64 of PCM16 LE, mono, 24 kHz. */
  | { readonly type: 'input_audio_buffer.append'; readonly audio: string }
  | { readonly type: 'input_audio_buffer.commit' }
  | { readonly type: 'input_audio_buffer.clear' }
  | {
      readonly type: 'conversation.item.create';
      readonly item: {
        readonly type: 'message';
        readonly role: 'user';
        readonly content: readonly { readonly type: 'input_text'; readonly text: string }[];
      };
    }
  | {
      readonly type: 'conversation.item.truncate';
      readonly item_id: string;
      readonly content_index: number;
      readonly audio_end_ms: number;
    }
  | { readonly type: 'response.create'; readonly response?: { readonly instructions?: string } }
  | { readonly type: 'response.cancel'; readonly response_id?: string }
  /** What is appended from now on is not heard. */
  | { readonly type: 'parley.input_audio.mute' | 'parley.input_audio.unmute' }
  /** Answered when all audio before has been heard, and a commit before has its transcript. */
  | { readonly type: 'parley.input_audio.flush' }
  /** `keys`: 1 to 32 of 0-9, *, #, A-D. */
  | { readonly type: 'parley.dtmf.press'; readonly keys: string }
  /** What the caller is expected to answer now, until the agent is heard again. */
  | { readonly type: 'parley.expect'; readonly answer: ExpectedAnswer };

export type ExpectedAnswer =
  | { readonly kind: 'free' | 'yes-no' | 'date' | 'email' | 'spelling' }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | {
      readonly kind: 'number';
      readonly of: 'phone' | 'card' | 'other';
      readonly min_digits: number;
      readonly max_digits: number;
    };
