import { ParleyError } from '../../../ports/errors.js';
import type { ChatMessage, PromptPrefix } from '../../../ports/language-model.js';
import { joinedMessages, type MessagePart } from '../../../ports/message-parts.js';
import type { ChatTool, ChatTurn } from './chat-types.js';
import { noTool } from './tool-schema.js';

/** What a conversation without a system message begins with. */
const standardSystem = 'You are a helpful assistant.';

/** A conversation as the model reads it. */
export type Prompt = { readonly prefix: PromptPrefix; readonly messages: readonly ChatMessage[] };

/**
 * Tool calls and their results are written as Qwen2.5 was trained to read them.
 * @throws ParleyError `chat.messages` (400)
 */
export function promptOf(turns: readonly ChatTurn[], tools: readonly ChatTool[]): Prompt {
  const first = turns.findIndex(({ role }) => role !== 'system');
  const opening = first < 0 ? turns : turns.slice(0, first);
  const rest = first < 0 ? [] : turns.slice(first);
  if (rest.length === 0)
    throw new ParleyError('There is nothing to answer: at least one message must be of the user.', {
      code: 'chat.messages',
      status: 400,
    });
  const system = opening.map(({ text }) => text).join('\n\n') || standardSystem;
  const native = { system, examples: [] };
  return {
    prefix: tools.length === 0 ? native : { system: `${system}\n\n${toolsText(tools)}`, examples: [], native },
    messages: joined(rest.map(messageOf)),
  };
}

function toolsText(tools: readonly ChatTool[]): string {
  const lines = tools.map(({ name, description, parameters }) =>
    JSON.stringify({ type: 'function', function: { name, description, parameters } }),
  );
  return [
    '# Tools',
    '',
    'You may call a function to help with the user query. The functions are listed within <tools></tools>:',
    '<tools>',
    ...lines,
    '</tools>',
  ].join('\n');
}

/** Asks for the choice that `choiceSchema` describes. */
export const choiceQuestion: ChatMessage = {
  role: 'system',
  text: [
    'Decide what comes next and write it as JSON.',
    `Write {"name": "${noTool}"} when the answer is known already, is small talk, or no function fits.`,
    'Otherwise write {"name": <function name>, "arguments": <arguments>} for the one function that is needed now.',
  ].join(' '),
};

function messageOf(turn: ChatTurn): ChatMessage {
  if (turn.role === 'tool') {
    const { callId, text: output } = turn;
    const parts: MessagePart[] = [{ type: 'result', result: { callId, output } }];
    return { role: 'user', text: `<tool_response>\n${output}\n</tool_response>`, parts };
  }
  if (turn.role !== 'assistant' || !turn.toolCalls) return { role: turn.role, text: turn.text };
  const { text, toolCalls } = turn;
  const written = toolCalls.map(
    (call) =>
      `<tool_call>\n{"name": ${JSON.stringify(call.name)}, "arguments": ${call.arguments || '{}'}}\n</tool_call>`,
  );
  const calls = toolCalls.map(({ id, ...call }): MessagePart => ({ type: 'call', call: { callId: id, ...call } }));
  return {
    role: 'assistant',
    text: [text, ...written].filter((each) => each !== '').join('\n'),
    parts: [...(text === '' ? [] : [{ type: 'text', text } as const]), ...calls],
  };
}

/** Results of several tools are one message. */
function joined(messages: readonly ChatMessage[]): ChatMessage[] {
  const all: ChatMessage[] = [];
  for (const message of messages) {
    const last = all.at(-1);
    if (last && last.role === message.role && message.role === 'user')
      all[all.length - 1] = joinedMessages(last, message, '\n');
    else all.push(message);
  }
  return all;
}
