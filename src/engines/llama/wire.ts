import type { JsonSchema } from '../../ports/json-schema.js';
import type { ChatMessage, PromptPrefix } from '../../ports/language-model.js';

/** Messages between the llama client and its host. Every request says all it needs: a restarted host can answer it. */
export type LlamaInit = {
  readonly modelPath: string;
  /** Where the computed state of prompt prefixes is kept. */
  readonly stateDir: string;
  readonly contextTokens: number;
  readonly sequences: number;
  readonly maxThreads: number;
};

/** A conversation as the host computes it. */
export type Conversation = {
  readonly context: number;
  readonly prefix: PromptPrefix;
  readonly messages: readonly ChatMessage[];
  /** How many of the oldest messages were dropped before. */
  readonly dropped: number;
};

/** Computes what is missing of a conversation, `promptTokens` of it at most. `open`: its last message is being spoken. */
export type PrefillSlice = Conversation & {
  readonly open: boolean;
  readonly reserveTokens: number;
  readonly promptTokens: number;
  readonly threads: number;
};

export type PrefillState = {
  readonly computed: number;
  readonly reused: number;
  readonly remaining: number;
  readonly dropped: number;
  /** What the computing took in the host. */
  readonly spentMs: number;
};

/**
 * The next tokens of a reply, at least one and at most `maxTokens`. With `begin`, what is missing of its prompt comes
 * first: when that is no more than `promptTokens` it is computed together with the first new token, else that many are
 * computed and `remaining` tells of the rest.
 */
export type ReplySlice = Conversation & {
  readonly forcedBeginning: string;
  readonly json?: JsonSchema;
  readonly begin: boolean;
  /** Whether to tell `messageOver`. */
  readonly judge: boolean;
  readonly promptTokens: number;
  readonly budgetMs: number;
  readonly maxTokens: number;
  readonly threads: number;
};

export type ReplyState = PrefillState & {
  readonly text: string;
  readonly tokens: number;
  /** As in `GenerateEvent`. */
  readonly messageOver?: number;
  /** `end`: the model has finished; `full`: there is no room in its context for more. */
  readonly over?: 'end' | 'full';
};

export type CloseContext = { readonly context: number };
