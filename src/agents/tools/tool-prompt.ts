import type { ChatMessage, PromptPrefix } from '../../ports/language-model.js';
import type { ToolCall, ToolDefinition, ToolResult } from '../../ports/tools.js';

/** A call as the model writes it, and reads it again in the history. */
export function callText({ name, arguments: args }: Pick<ToolCall, 'name' | 'arguments'>): string {
  return `{"name":${JSON.stringify(name)},"arguments":${args.trim() || '{}'}}`;
}

/** What came of a call, as the model reads it: Qwen2.5 was trained on these marks. */
export function resultText({ output }: Pick<ToolResult, 'output'>): string {
  return `<tool_response>\n${output.trim() || 'done'}\n</tool_response>`;
}

/** A reply that begins with this is a call, and nothing else. */
export const callBeginning = '{';

/**
 * The prompt of an agent that has tools. Without any it is the agent's own, unchanged.
 *
 * A small model does not call by itself, and narrates calls to the caller when it does: an example of a call and what
 * came of it, of asking for what is missing, and of answers without a call teach it. They come first, so that the agent's own examples, which
 * teach its job, are nearer.
 */
export function toolPrefix(prefix: PromptPrefix, tools: readonly ToolDefinition[]): PromptPrefix {
  if (tools.length === 0) return prefix;
  return {
    system: [
      prefix.system,
      '',
      'You have these tools:',
      ...tools.map(described),
      'When what the caller wants needs a tool, write only its call, as {"name": …, "arguments": …}, and nothing else. Never speak about a call. Never make up an argument: ask the caller for what is missing. After <tool_response> tell the caller in plain words what came of it. When no tool is needed, speak.',
    ].join('\n'),
    examples: [...toolExamples, ...prefix.examples],
    native: { system: [prefix.system, '', nativeRules].join('\n'), examples: prefix.examples },
  };
}

/** What is left to say to a model that is given its tools with each request. */
const nativeRules =
  'You have tools. Never speak about a tool or its name. Never make up an argument: ask the caller for what is missing. After a result tell the caller in plain words what came of it.';

function described({ name, description, parameters }: ToolDefinition): string {
  return JSON.stringify({ name, description, parameters: parameters ?? { type: 'object', properties: {} } });
}

/** Of a tool that no agent has. */
const place = 'Zanzibar';

const toolExamples: readonly ChatMessage[] = [
  { role: 'user', text: 'Hello there.' },
  { role: 'assistant', text: 'Hello. How can I help you?' },
  { role: 'user', text: 'I have a question.' },
  { role: 'assistant', text: 'Of course, go ahead.' },
  { role: 'user', text: 'Can you tell me the time somewhere?' },
  { role: 'assistant', text: 'Sure, for which place?' },
  { role: 'user', text: `In ${place}, please.` },
  { role: 'assistant', text: callText({ name: 'local_time', arguments: `{"place":"${place}"}` }) },
  { role: 'user', text: resultText({ output: '{"time":"16:10"}' }) },
  { role: 'assistant', text: 'It is ten past four in the afternoon there.' },
  { role: 'user', text: 'Great, thank you.' },
  { role: 'assistant', text: "You're welcome." },
];
