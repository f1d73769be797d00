import type { LanguageModel } from '../../../ports/language-model.js';
import type { ToolChoice } from '../../../ports/tools.js';
import type { EngineTable } from '../engine-table.js';

/** One message of a conversation, as a client holds it. */
export type ChatTurn =
  | { readonly role: 'system' | 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls?: readonly ToolCall[] | undefined }
  /** What a tool has given back to a call. */
  | { readonly role: 'tool'; readonly callId: string; readonly text: string };

/** `arguments` is JSON. */
export type ToolCall = { readonly id: string; readonly name: string; readonly arguments: string };

export type ChatTool = {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema of an object. @defaultValue no parameters */
  readonly parameters?: unknown;
  /**
   * The arguments are to keep to every word of the schema: one that cannot be kept to is refused. Otherwise what cannot
   * be kept to is left out of it. @defaultValue false
   */
  readonly strict?: boolean | undefined;
};

export type ChatFormat =
  | { readonly type: 'text' }
  /** Some JSON object. */
  | { readonly type: 'json' }
  | { readonly type: 'json-schema'; readonly schema: unknown };

export type ChatRequest = {
  readonly messages: readonly ChatTurn[];
  /** @defaultValue the first model */
  readonly model?: string | undefined;
  readonly tools?: readonly ChatTool[] | undefined;
  /** @defaultValue 'auto' where there are tools */
  readonly toolChoice?: ToolChoice | undefined;
  /** Whether a reply may call several tools, where the model can. @defaultValue true */
  readonly parallelCalls?: boolean | undefined;
  /** @defaultValue text */
  readonly format?: ChatFormat | undefined;
  /** @defaultValue `chatDefaults.maxTokens` */
  readonly maxTokens?: number | undefined;
  /** The reply ends before any of these. */
  readonly stop?: readonly string[] | undefined;
  readonly signal: AbortSignal;
};

export type ChatUsage = {
  readonly inputTokens: number;
  /** Of these, what was computed before. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
};

export type ChatEvent =
  | { readonly type: 'text'; readonly text: string }
  /** A piece of a call's arguments, appended. Not every model tells; the whole call follows. */
  | { readonly type: 'tool-call-part'; readonly id: string; readonly name: string; readonly arguments: string }
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  | {
      readonly type: 'finish';
      readonly reason: 'stop' | 'length' | 'tool-calls';
      readonly usage: ChatUsage;
      /** How many of the oldest messages the model did not see, because its context is full. */
      readonly droppedMessages: number;
      /** From the request to the first token. */
      readonly firstTokenMs: number;
    };

export type ChatLayer = {
  readonly models: EngineTable<LanguageModel>;
  /**
   * Answers a conversation.
   * @throws ParleyError, on the first event: `layer.full` (503), `model.unknown` (404), `language_model.json_schema` (400),
   *   `chat.messages` (400); later what the engine throws
   */
  reply(request: ChatRequest): AsyncIterable<ChatEvent>;
};
