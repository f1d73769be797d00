import type { HeardBasis } from '../ports/brain.js';
import type { ToolCall } from '../ports/tools.js';
import type { DraftAccount } from './drafts.js';
import type { PhraseName } from './turn/events.js';

/** What a call tells the outside, in the words of a conversation. A dialect turns these into its own events. */
export type SessionEvent =
  /** The caller has begun to speak. `startMs` and `endMs` are positions in the caller's audio. */
  | { readonly type: 'speech-started'; readonly turn: number; readonly startMs: number }
  /** The caller pauses: maybe the end. May come several times in a turn. */
  | { readonly type: 'speech-paused'; readonly turn: number; readonly endMs: number }
  /** Words so far. The first `stableWords` of them stay, but for what a `correction` says; the rest may be revised. */
  | { readonly type: 'partial'; readonly turn: number; readonly text: string; readonly stableWords: number }
  /**
   * A word that was called stable is another now. `word` is its position among the stable words; an empty `to` is a word
   * that goes, an empty `from` one that comes in before the position.
   */
  | {
      readonly type: 'correction';
      readonly turn: number;
      readonly word: number;
      readonly from: string;
      readonly to: string;
    }
  /** The turn is over. `reply` is undefined when no answer follows by itself. */
  | {
      readonly type: 'turn-committed';
      readonly turn: number;
      readonly text: string;
      readonly endMs: number;
      readonly reply: number | undefined;
    }
  /** The words of a turn that was committed before they were known: where a model that only hears sound holds the call. */
  | { readonly type: 'turn-transcribed'; readonly turn: number; readonly text: string }
  /** It was no turn: noise, or a backchannel. */
  | { readonly type: 'turn-dropped'; readonly turn: number; readonly why: 'empty' | 'backchannel' | 'cleared' }
  /** A reply was decided on; its audio goes through the transport with the same number. `phrase`: it is a ready one. */
  | {
      readonly type: 'reply-started';
      readonly reply: number;
      readonly turn: number | undefined;
      readonly phrase?: PhraseName;
    }
  /** A clause begins to be spoken. Joined by spaces the clauses are the reply's text. */
  | { readonly type: 'reply-text'; readonly reply: number; readonly text: string }
  /**
   * The agent has called a tool, for somebody outside to carry out. Behind all that its reply says; the reply ends with it.
   * `speaking`: the reply is still heard, as a realtime model calls while it speaks.
   */
  | { readonly type: 'tool-called'; readonly reply: number; readonly call: ToolCall; readonly speaking?: true }
  | {
      readonly type: 'reply-finished';
      readonly reply: number;
      readonly status: 'completed' | 'interrupted' | 'cancelled' | 'failed';
      readonly heard: string;
      readonly heardBasis: HeardBasis;
      /** What it has taken of the language model; absent for a phrase. */
      readonly tokens?: TurnMarks['tokens'];
    }
  | { readonly type: 'turn-measured'; readonly marks: TurnMarks }
  /** Once, before the end: what was prepared ahead, and what of it was for nothing. */
  | ({ readonly type: 'drafts-counted' } & DraftAccount)
  /** `turn` goes on with `continues`, which was answered too soon: it is no turn any more, and its words are in this one. */
  | { readonly type: 'turn-reopened'; readonly turn: number; readonly continues: number }
  /** The caller has pressed a key; then all keys of an entry, as the words that the agent is told. */
  | { readonly type: 'key'; readonly digit: string }
  | { readonly type: 'keys-entered'; readonly turn: number; readonly text: string }
  /** A tool or engine failed in a way that the call survived. */
  | { readonly type: 'problem'; readonly code: string; readonly message: string }
  | { readonly type: 'ended'; readonly reason: string };

/**
 * Where the time of one answered turn went. All `…Ms` but the two audio positions count from the end of the caller's
 * speech; undefined where a step did not happen. `responseLatencyMs = eouDelayMs + max(0, readyMs - eouDelayMs) +
 * transportOutMs`.
 */
export type TurnMarks = {
  readonly turn: number;
  readonly reply: number;
  readonly transcript: string;
  /** Position of the end of speech, and of the first audible sample of the reply, in the caller's audio. */
  readonly speechEndAudioMs: number;
  readonly agentOnsetAudioMs: number;
  readonly responseLatencyMs: number;
  readonly eouDelayMs: number;
  readonly readyMs: number;
  readonly transportOutMs: number;
  readonly vadSilenceMs: number | undefined;
  readonly endOfTurnMs: number | undefined;
  readonly sttFinalMs: number | undefined;
  readonly llmFirstTokenMs: number | undefined;
  readonly firstClauseMs: number | undefined;
  readonly ttsFirstAudioMs: number | undefined;
  readonly endOfTurnProbability: number | undefined;
  readonly because: string;
  /** The opener that the reply began with, which was audio before the turn; undefined without one. */
  readonly opener: string | undefined;
  /** A filler was heard before the reply. */
  readonly bridged: boolean;
  /** To the first audible sample that is neither opener nor filler; undefined when the reply was stopped before it. */
  readonly contentLatencyMs: number | undefined;
  /** The longest silence inside the reply because what follows was not ready. */
  readonly gapWithinReplyMs: number;
  /** Clauses that were audio in memory, those that had to be spoken, and the computing that the former saved. */
  readonly phrases: { readonly hits: number; readonly misses: number; readonly savedMs: number };
  /** Drafts begun for this turn, the adopted one included. */
  readonly drafts: number;
  readonly tokens: { readonly computed: number; readonly reused: number; readonly generated: number };
};
