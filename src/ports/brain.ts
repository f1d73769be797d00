import type { ExpectedAnswer } from './expected-answer.js';
import type { Toolbox, ToolCall, ToolResult } from './tools.js';

/** Decides what to say. The conversation is given one and knows nothing else of agents. */
export type Brain = {
  begin(call: BrainCall): Promise<BrainSession>;
};

export type BrainCall = { readonly callId: string; readonly signal: AbortSignal };

/** A stretch of caller speech that may be the whole turn, and how often it has been revised. */
export type DraftTag = { readonly turn: number; readonly revision: number };

/**
 * One call's mind. At most one draft is open; `draft` again, `discard` and `commit` end the one before.
 * No history is written and no tool with effects runs before `commit`.
 */
export type BrainSession = {
  /** A partial transcript of the turn that is being spoken: a chance to compute ahead. Never fails. */
  hear(partial: string): void;
  draft(turn: DraftTurn, signal: AbortSignal): AsyncIterable<BrainEvent>;
  /** The open draft is adopted: the caller's words enter the history. */
  commit(tag: DraftTag): void;
  /** The open draft, if it is this one, is thrown away. */
  discard(tag: DraftTag): void;
  /** What the caller heard of the last reply (or greeting), and how that is known. May be amended by a later call. */
  heard(reply: HeardReply): void;
  /** Adds words of the caller's turn that is not answered by itself. */
  noteUser(text: string, turn: number): void;
  /** Adds what was written, not spoken: at the end, or where it says. */
  addMessage(message: WrittenMessage): void;
  /** A call has been made: one that a draft proposed, now that it was adopted, or one that somebody notes down. */
  addCall(call: ToolCall & Placed): void;
  /** What came of a call. It is answered by the next draft, not by itself. */
  addResult(result: ToolResult & Placed): void;
  /** What may be called from the next draft on. */
  setTools(toolbox: Toolbox): void;
  /** Answers something beside the conversation, which neither hears nor remembers it. */
  aside(question: AsideQuestion, signal: AbortSignal): AsyncIterable<BrainEvent>;
  /** Takes an entry out of the history. One that is not known (any more) is ignored. */
  forget(entry: HistoryEntry): void;
  /** Another prompt from the next draft on; what was said stays. */
  instruct(instructions: string): void;
  /** The longest reply from the next draft on, in tokens; undefined for the agent's own limit. */
  limitReply(maxTokens: number | undefined): void;
  readonly history: readonly HistoryItem[];
  close(): void;
};

/** `text` is undefined when the history as it stands is to be answered. */
export type DraftTurn = DraftTag & {
  readonly text: string | undefined;
  /** The reply is to be written as the continuation of this, which is not yielded. The caller may hear it first, or not. */
  readonly opener?: string;
};

export type BrainEvent =
  | {
      readonly type: 'say';
      readonly text: string;
      /** As with the language model's text: what it took, where that is known. */
      readonly tokens?: number;
      readonly computeMs?: number;
      /** As with the language model's text: how likely the caller's words are all that they want to say. */
      readonly messageOver?: number;
      /** `false`: the caller hears all of it, whatever they say meanwhile. @defaultValue true */
      readonly interruptible?: boolean;
    }
  /** What follows takes a while, such as a tool's answer: the caller may be told to wait. */
  | { readonly type: 'working' }
  /**
   * A tool is to be called. It is a proposal until the draft is adopted and all that it says has been heard; then it is made, once.
   * What comes of it is answered by another draft.
   */
  | { readonly type: 'call'; readonly call: ToolCall }
  | {
      readonly type: 'usage';
      readonly computedTokens: number;
      readonly reusedTokens: number;
      readonly newTokens: number;
      readonly firstTokenMs: number;
      /** How many of the oldest messages the model no longer sees. Absent: it sees all. */
      readonly droppedMessages?: number;
    }
  | { readonly type: 'end-call'; readonly reason: string }
  /** What the caller is asked for, where the agent knows it; else it is inferred from its last question. */
  | { readonly type: 'expect'; readonly answer: ExpectedAnswer };

/**
 * How "heard" is known: the client acknowledged playing it, the client said where it cut, or it is what was sent less
 * what the pacer keeps ahead.
 */
export type HeardBasis = 'acknowledged' | 'truncated' | 'estimated';

export type HeardReply = {
  readonly reply: number;
  readonly text: string;
  /** All that was generated, heard or not. */
  readonly generated: string;
  readonly complete: boolean;
  readonly heardBasis: HeardBasis;
};

export type HistoryItem =
  | { readonly role: 'user'; readonly text: string; readonly turn: number }
  | ({ readonly role: 'assistant' } & HeardReply)
  | { readonly role: 'written'; readonly text: string; readonly id: string; readonly as: WrittenMessage['role'] }
  /** Neither was said. */
  | ({ readonly role: 'call'; readonly text?: never } & ToolCall)
  | ({ readonly role: 'result'; readonly text?: never } & ToolResult);

/** Names an entry of the history: a turn of the caller, a reply, a message that was written, a call, or its result. */
export type HistoryEntry =
  | { readonly turn: number }
  | { readonly reply: number }
  | { readonly message: string }
  | { readonly call: string }
  | { readonly result: string };

/** `after` is the entry that it follows: null for the beginning, absent for the end. */
export type Placed = { readonly after?: HistoryEntry | null };

/** `id` is the writer's own. */
export type WrittenMessage = Placed & {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'system';
  readonly text: string;
};

/** What is asked beside the conversation. What is absent is as the agent has it. */
export type AsideQuestion = {
  readonly instructions?: string;
  /** What is answered, in place of the conversation as it stands. */
  readonly input?: readonly HistoryItem[];
  readonly maxTokens?: number;
  readonly toolbox?: Toolbox;
};
