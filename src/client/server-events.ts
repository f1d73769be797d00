type Identified = { readonly item_id: string };
type Resumable = { readonly token: string; readonly within_ms: number };
type OfResponse = { readonly response_id: string; readonly item_id: string };

/** The session as the server runs it; only what this client reads is typed. */
export type SessionView = {
  readonly id?: string;
  readonly parley?: { readonly turn_metrics?: boolean; readonly greeting?: string | false | null };
  readonly [key: string]: unknown;
};

export type ResponseStatus = 'in_progress' | 'completed' | 'cancelled' | 'incomplete' | 'failed';

export type ResponseView = {
  readonly id: string;
  readonly status?: ResponseStatus;
  readonly status_details?: {
    readonly type?: string;
    readonly reason?: string;
    readonly error?: { readonly type?: string; readonly code?: string; readonly message?: string };
  } | null;
  /** Once it is done: its items; of one that was stopped, with the words that were heard. */
  readonly output?: readonly {
    readonly id?: string;
    readonly content?: readonly { readonly transcript?: string }[];
  }[];
};

/** When each step of a turn was done: ms from the end of the caller's speech; null when the server does not know. */
export type TurnSteps = {
  readonly vad_silence_ms: number | null;
  readonly end_of_turn_ms: number | null;
  readonly stt_final_ms: number | null;
  readonly llm_first_token_ms: number | null;
  readonly first_clause_ms: number | null;
  readonly tts_first_audio_ms: number | null;
};

/**
 * Where the time of one answered turn went, as the server saw it. `…_audio_ms` are on the timeline of appended audio
 * (0 = first appended sample), the rest counts from `speech_end_audio_ms`.
 * `response_latency_ms = eou_delay_ms + max(0, ready_ms - eou_delay_ms) + transport_out_ms`.
 */
export type ParleyTurnEvent = {
  readonly type: 'parley.turn';
  /** The name under which the server keeps the call, as `parley explain` takes it. */
  readonly call_id: string | null;
  /** Counts from 1. */
  readonly turn: number;
  readonly item_id: string;
  readonly response_id: string;
  readonly transcript: string;
  readonly speech_end_audio_ms: number;
  readonly agent_onset_audio_ms: number;
  readonly response_latency_ms: number;
  readonly eou_delay_ms: number;
  readonly ready_ms: number;
  readonly transport_out_ms: number;
  readonly steps: TurnSteps;
  readonly end_of_turn_probability: number | null;
  readonly waited_because: string;
  /** What the reply began with while the rest was being prepared. */
  readonly opener: string | null;
  /** A filler was heard before the reply. */
  readonly bridged: boolean;
  /** To the first audible sample that is neither opener nor filler. */
  readonly content_latency_ms: number | null;
  /** The longest silence inside the reply because what follows was not ready. */
  readonly gap_within_reply_ms: number;
  /** Clauses that were audio in memory, those that had to be spoken, and the computing that the former saved. */
  readonly phrases: { readonly hits: number; readonly misses: number; readonly saved_ms: number } | null;
  readonly drafts: number;
  readonly tokens: { readonly computed: number; readonly reused: number; readonly new: number } | null;
};

/** The events that this client reads, as a union on `type`; every other one arrives as `unknown`. */
export type ServerEvent =
  | { readonly type: 'session.created' | 'session.updated'; readonly session: SessionView }
  | ({ readonly type: 'input_audio_buffer.speech_started'; readonly audio_start_ms: number } & Identified)
  | ({ readonly type: 'input_audio_buffer.speech_stopped'; readonly audio_end_ms: number } & Identified)
  | ({ readonly type: 'input_audio_buffer.committed' } & Identified)
  | ({ readonly type: 'conversation.item.input_audio_transcription.delta'; readonly delta: string } & Identified)
  | ({
      readonly type: 'conversation.item.input_audio_transcription.completed';
      readonly transcript: string;
    } & Identified)
  | ({
      readonly type: 'conversation.item.input_audio_transcription.failed';
      readonly error: { readonly message?: string };
    } & Identified)
  | ({ readonly type: 'conversation.item.truncated'; readonly audio_end_ms: number } & Identified)
  | { readonly type: 'response.created' | 'response.done'; readonly response: ResponseView }
  | ({ readonly type: 'response.output_audio.delta'; readonly delta: string } & OfResponse)
  | ({ readonly type: 'response.output_audio.done' } & OfResponse)
  | ({ readonly type: 'response.output_audio_transcript.delta'; readonly delta: string } & OfResponse)
  | ({ readonly type: 'response.output_audio_transcript.done'; readonly transcript: string } & OfResponse)
  | ({ readonly type: 'response.output_text.delta'; readonly delta: string } & OfResponse)
  | ({ readonly type: 'response.output_text.done'; readonly text: string } & OfResponse)
  /** The first `stable_words` words of the text stay, but for what a `parley.correction` says. */
  | ({ readonly type: 'parley.partial'; readonly text: string; readonly stable_words?: number } & Identified)
  /** `word`: position among the stable words; `to` is empty for a word that goes, `from` for one that comes in there. */
  | ({
      readonly type: 'parley.correction';
      readonly word: number;
      readonly from: string;
      readonly to: string;
    } & Identified)
  | ParleyTurnEvent
  | { readonly type: 'parley.input_audio.muted' | 'parley.input_audio.unmuted' | 'parley.input_audio.flushed' }
  | ({ readonly type: 'conversation.item.deleted' } & Identified)
  /** A connection that is lost can be resumed for this long. */
  | ({ readonly type: 'parley.resumable' } & Resumable)
  /** It was. `complete`: no event that was sent meanwhile is missing. */
  | ({ readonly type: 'parley.resumed'; readonly session: SessionView; readonly complete?: boolean } & Resumable)
  | {
      readonly type: 'error';
      readonly error: { readonly type?: string; readonly code?: string | null; readonly message: string };
    }
  | { readonly type: 'unknown'; readonly name: string; readonly event: Readonly<Record<string, unknown>> };

export type KnownEventName = Exclude<ServerEvent['type'], 'unknown'>;
