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

/** A conversation as the host computes it. `open`: the last message is still being spoken. */
export type Conversation = {
  readonly context: number;
  readonly prefix: PromptPrefix;
  readonly messages: readonly ChatMessage[];
  readonly open: boolean;
};

/** Brings the prefix into the sequence: from disk, or `maxTokens` more of it computed. */
export type PreparePrefix = Pick<Conversation, 'context' | 'prefix'> & {
  readonly maxTokens: number;
  readonly threads: number;
};

/** `maxTokens` are computed at most; nothing when no more than `leave` are missing. */
export type SliceSize = { readonly maxTokens: number; readonly leave: number; readonly threads: number };

export type PrefillSlice = Conversation & SliceSize;

export type PrefillState = { readonly computed: number; readonly reused: number; readonly remaining: number };

/** As {@link PrefillSlice}, for the prompt of a reply. */
export type ReplySlice = ReplyPrompt & SliceSize;

type ReplyPrompt = Conversation & { readonly forcedBeginning: string };

/**
 * The next tokens of a reply, at least one and at most `maxTokens`. `first` computes what is missing of its prompt and
 * starts it.
 */
export type NextTokens = ReplyPrompt & {
  readonly first: boolean;
  readonly budgetMs: number;
  readonly maxTokens: number;
  readonly threads: number;
};

export type NextState = { readonly text: string; readonly tokens: number; readonly ended: boolean };

export type CloseContext = { readonly context: number };
