import type { MessagePart } from './message-parts.js';
import type { NativeToolOptions, ToolReplyEvent } from './native-tools.js';

/** One message of the conversation as the model sees it. */
export type ChatMessage = {
  readonly role: 'user' | 'assistant' | 'system';
  /** All of it. Calls of tools and their results are written into it. */
  readonly text: string;
  /** What the text is made of, where calls or results are in it: an engine with tools of its own reads this in its place. */
  readonly parts?: readonly MessagePart[];
};

/** What never changes during a call: it is computed once, kept on disk, and loaded in milliseconds. */
export type PromptPrefix = {
  readonly system: string;
  readonly examples: readonly ChatMessage[];
  /** The same without what teaches how a call is written, for an engine with tools of its own. @defaultValue the same */
  readonly native?: { readonly system: string; readonly examples: readonly ChatMessage[] };
};

export type LanguageModel = {
  readonly name: string;
  /** `prefill: false`: `extend` costs nothing and saves nothing (remote engines). */
  readonly capabilities: { readonly prefill: boolean; readonly contextTokens: number };
  /**
   * Opens the context of one call, without waiting for the prefix to be computed.
   * @throws ParleyError `language_model.full` (503, retryable) when this machine carries no further call
   */
  open(
    prefix: PromptPrefix,
    options: { readonly callId: string; readonly signal: AbortSignal },
  ): Promise<LanguageModelContext>;
  close(): Promise<void>;
};

/** A position in a context that it can be cut back to. */
export type ContextMark = { readonly messages: number };

/**
 * A conversation held by the engine. `fork` gives a draft that shares everything so far and can be thrown away; a
 * context computes only tokens that neither it nor a fork has computed before.
 */
export type LanguageModelContext = {
  readonly mark: ContextMark;
  /**
   * Appends a message. With `open` the message is still being spoken: its end-of-message tokens are left out, and the
   * next `extend` replaces it after a `truncateTo`. Resolves when it is computed; on abort the part that was computed
   * stays and is reused.
   */
  extend(message: ChatMessage, options: ExtendOptions): Promise<ExtendResult>;
  fork(): LanguageModelContext;
  truncateTo(mark: ContextMark): void;
  /** Generates the assistant's next message. It is not appended: what was heard is appended by the owner. */
  generate(options: GenerateOptions): AsyncIterable<GenerateEvent>;
  /** As `generate`, with tools that the reply may call. Absent where the engine has no tools of its own. */
  generateWithTools?(options: NativeToolOptions): AsyncIterable<ToolReplyEvent>;
  /** Idempotent. Closing a context closes its forks. */
  close(): void;
};

export type ExtendOptions = {
  readonly signal: AbortSignal;
  readonly open?: boolean;
  /** Only notes the message: it is computed together with the beginning of the next reply, which is faster. */
  readonly defer?: boolean;
  /** `partial`: may be put off or dropped when something more urgent needs the cores. @defaultValue 'turn' */
  readonly urgency?: 'turn' | 'partial';
  /**
   * Room to keep for what comes next. Where less is left, the oldest messages are dropped now, while nobody waits, and
   * not in front of a reply. @defaultValue 0
   */
  readonly reserveTokens?: number;
};

export type ExtendResult = {
  readonly computedTokens: number;
  readonly reusedTokens: number;
  /** How many of the oldest messages the model no longer sees, because its context is full. The prompt is never dropped. */
  readonly droppedMessages: number;
};

export type GenerateOptions = {
  readonly signal: AbortSignal;
  readonly maxTokens: number;
  /** The reply begins with this text, which the caller hears or has heard already. It is not yielded again. */
  readonly forcedBeginning?: string;
  /** Generation ends before any of these would be yielded. */
  readonly stop?: readonly string[];
  /** Looks at the reply so far; generation ends at the index it returns. */
  readonly endAt?: (text: string) => number | undefined;
  /**
   * The reply is JSON of this schema (the part of JSON Schema in `json-schema.ts`) and nothing else. Goes with none of
   * `forcedBeginning`, `stop` and `endAt`.
   * @throws ParleyError `language_model.json_schema` (400) for what cannot be expressed
   */
  readonly json?: unknown;
  /** Also judge whether the user's last message is over, where the engine can: see the first text's `messageOver`. */
  readonly judge?: boolean;
};

export type GenerateEvent =
  | {
      readonly type: 'text';
      readonly text: string;
      /**
       * With `judge`, on the first text: the probability, 0..1, that the user's last message ends behind its last word, to
       * the model that has read the conversation. Its punctuation is left aside.
       */
      readonly messageOver?: number;
      /** What was generated and computed (in core-milliseconds) since the text before, where the engine tells. */
      readonly tokens?: number;
      readonly computeMs?: number;
    }
  | {
      readonly type: 'finish';
      readonly reason: 'end' | 'length' | 'stop';
      readonly computedTokens: number;
      readonly reusedTokens: number;
      readonly newTokens: number;
      /** As in {@link ExtendResult}. */
      readonly droppedMessages: number;
      /** From the request to the first token. */
      readonly firstTokenMs: number;
      /** With `json`, the value: it fits the schema. Absent when the reply was cut (`length`), which is no JSON then. */
      readonly json?: unknown;
    };
