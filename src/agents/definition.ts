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

/** What an agent may be given, by parley.yaml or by a client. */
export const agentLimits = {
  instructionsBytes: 64 * 1024,
  /** About half a minute of speech. */
  greetingBytes: 512,
} as const;

/** What is to be different about an agent. Undefined: as it was. */
export type AgentChanges = {
  readonly [Key in Exclude<keyof AgentDefinition, 'greeting' | 'maxReplyTokens'>]?: AgentDefinition[Key] | undefined;
} & {
  /** False lets the caller speak first. */
  readonly greeting?: string | false | undefined;
};

/** The agent with these changes. With other instructions it has another job, so the examples, greeting and keywords of the old one go. */
export function changedAgent(agent: AgentDefinition, changes: AgentChanges): AgentDefinition {
  const { name, instructions, greeting, voice, speed, toolbox } = changes;
  const job = instructions === undefined ? agent : { examples: [], greeting: undefined, keywords: [] };
  return {
    ...agent,
    name: name ?? agent.name,
    instructions: instructions ?? agent.instructions,
    examples: changes.examples ?? job.examples,
    greeting: (greeting ?? job.greeting) || undefined,
    voice: voice ?? agent.voice,
    speed: speed ?? agent.speed,
    keywords: changes.keywords ?? job.keywords ?? [],
    ...(toolbox ? { toolbox } : {}),
  };
}

export const agentDefaults = { voice: 'heart', speed: 1, maxReplyTokens: 90 } as const;
