import type { ChatMessage } from '../ports/language-model.js';
import type { Keyword } from '../ports/speech-to-text.js';
import type { Toolbox } from '../ports/tools.js';

/** What an agent is. */
export type AgentDefinition = {
  readonly name: string;
  /** The prompt: who the agent is, what it knows, how it speaks. */
  readonly instructions: string;
  /** Shown to the model as conversations that went well. */
  readonly examples: readonly ChatMessage[];
  /** Spoken first; undefined lets the caller speak first. */
  readonly greeting: string | undefined;
  readonly voice: string;
  readonly speed: number;
  readonly maxReplyTokens: number;
  /** What its callers are likely to say: names, products. @defaultValue nothing */
  readonly keywords?: readonly Keyword[];
  /** What it may call. @defaultValue nothing */
  readonly toolbox?: Toolbox;
};

export const agentDefaults = { voice: 'heart', speed: 1, maxReplyTokens: 90 } as const;
