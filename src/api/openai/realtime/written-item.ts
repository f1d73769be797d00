import { toolName } from '../../../agents/tools/tool-schema.js';
import type { ClientEventOf } from './client-events.js';
import {
  callItem,
  type Item,
  type ItemContent,
  type MessageItem,
  messageItem,
  messageText,
  resultItem,
} from './conversation-items.js';
import type { Problem } from './event-writer.js';
import { messageLimits } from './limits.js';

export type WantedItem = ClientEventOf<'conversation.item.create'>['item'];
type WantedContent = NonNullable<WantedItem['content']>[number];
type Role = MessageItem['role'];

/** What each role may be given. Audio that comes with its transcript has been heard, and is not heard again. */
const contentOf: Readonly<Record<Role, readonly ItemContent['type'][]>> = {
  user: ['input_text', 'input_audio'],
  assistant: ['output_text', 'output_audio'],
  system: ['input_text'],
};

/** The item that a client describes at `param`, or why it cannot be one. */
export function writtenItemOf(
  wanted: WantedItem,
  id: string,
  param: string,
): { readonly item: Item } | { readonly problem: Problem } {
  switch (wanted.type) {
    case 'message':
      return writtenMessage(wanted, id, param);
    case 'function_call':
      return writtenCall(wanted, id, param);
    case 'function_call_output':
      if (wanted.call_id === undefined) return missing(`${param}.call_id`, 'A result needs the "call_id" of its call');
      return { item: resultItem(id, { callId: wanted.call_id, output: wanted.output ?? '' }) };
    default:
      return unfit(`${param}.type`, `an item of type "${wanted.type}"`, 'message, function_call, function_call_output');
  }
}

function writtenCall(
  { call_id: callId, name = '', arguments: args = '{}' }: WantedItem,
  id: string,
  param: string,
): { readonly item: Item } | { readonly problem: Problem } {
  if (callId === undefined) return missing(`${param}.call_id`, 'A call needs a "call_id" of its own');
  if (!toolName.test(name)) return missing(`${param}.name`, 'A call needs the "name" of a tool');
  if (!isJson(args)) return invalid('invalid_value', `${param}.arguments`, 'The arguments of a call are JSON.');
  return { item: callItem(id, 'completed', { callId, name, arguments: args }) };
}

function writtenMessage(
  { role, content = [] }: WantedItem,
  id: string,
  param: string,
): { readonly item: Item } | { readonly problem: Problem } {
  if (!isRole(role)) return unfit(`${param}.role`, `a message of role "${role ?? ''}"`, 'user, assistant or system');
  const parts: ItemContent[] = [];
  for (const [index, part] of content.entries()) {
    const made = partOf(part, contentOf[role]);
    if (made === undefined)
      return unfit(`${param}.content.${index}`, `content of type "${part.type}"`, expectedContent(role));
    parts.push(made);
  }
  const item = messageItem(id, role, 'completed', ...parts);
  const text = messageText(item);
  if (Buffer.byteLength(text) > messageLimits.maxItemBytes)
    return invalid(
      'invalid_value',
      `${param}.content`,
      `The message has more than ${messageLimits.maxItemBytes} bytes of text; send it as several items.`,
    );
  return text === '' && !parts.some(isUnheard) ? missing(`${param}.content`, 'The message has no text') : { item };
}

/** Audio whose words are not known. */
export function isUnheard(part: ItemContent): boolean {
  return part.type === 'input_audio' && part.transcript === null;
}

function partOf({ type, text, transcript, audio }: WantedContent, allowed: readonly string[]): ItemContent | undefined {
  if (!allowed.includes(type)) return undefined;
  if (type === 'input_text' || type === 'output_text') return { type, text: text ?? '' };
  const spoken = transcript ?? undefined;
  if (type === 'input_audio' && spoken === undefined && audio) return { type, transcript: null };
  return (type === 'input_audio' || type === 'output_audio') && spoken !== undefined
    ? { type, transcript: spoken }
    : undefined;
}

function isRole(role: string | undefined): role is Role {
  return role !== undefined && Object.hasOwn(contentOf, role);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function expectedContent(role: Role): string {
  return contentOf[role]
    .map((type) =>
      type.endsWith('audio') ? `${type} with ${type === 'input_audio' ? 'audio or ' : ''}a transcript` : type,
    )
    .join(' or ');
}

function unfit(param: string, what: string, expected: string): { readonly problem: Problem } {
  return invalid('parley.not_supported', param, `Cannot add ${what.slice(0, 100)}; expected ${expected}.`);
}

function missing(param: string, message: string): { readonly problem: Problem } {
  return invalid('missing_required_parameter', param, `${message}.`);
}

function invalid(code: string, param: string, message: string): { readonly problem: Problem } {
  return { problem: { code, message, param } };
}
