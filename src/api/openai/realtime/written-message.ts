import type { ClientEventOf } from './client-events.js';
import type { Item, ItemContent } from './conversation-items.js';
import type { Problem } from './event-writer.js';
import { messageLimits } from './limits.js';

type WantedItem = ClientEventOf<'conversation.item.create'>['item'];
type WantedContent = NonNullable<WantedItem['content']>[number];
type Role = Item['role'];

/** A message that a client adds to the conversation in writing. */
export type WrittenItem = { readonly role: Role; readonly text: string; readonly content: readonly ItemContent[] };

/**
 * What each role may be given. Audio counts by its transcript: what a client puts in again after the fact has been
 * heard, and is not heard again.
 */
const contentOf: Readonly<Record<Role, readonly ItemContent['type'][]>> = {
  user: ['input_text', 'input_audio'],
  assistant: ['output_text', 'output_audio'],
  system: ['input_text'],
};

/** The message that an item stands for, or why it cannot be added. */
export function writtenItemOf({
  type,
  role,
  content = [],
  call_id: callId,
}: WantedItem): WrittenItem | { readonly problem: Problem } {
  if (type === 'function_call_output')
    return invalid(
      'invalid_tool_call_id',
      'item.call_id',
      `There is no call ${callId ?? ''} to answer: the agent has called no tool.`,
    );
  if (type !== 'message') return unfit('item.type', `an item of type "${type}"`, 'an item of type "message"');
  if (!isRole(role)) return unfit('item.role', `a message of role "${role ?? ''}"`, 'user, assistant or system');
  const parts: ItemContent[] = [];
  for (const [index, part] of content.entries()) {
    const made = partOf(part, contentOf[role]);
    if (made === undefined)
      return unfit(`item.content.${index}`, `content of type "${part.type}"`, expectedContent(role));
    parts.push(made);
  }
  const text = parts
    .map((part) => ('text' in part ? part.text : (part.transcript ?? '')))
    .join('\n')
    .trim();
  if (Buffer.byteLength(text) > messageLimits.maxItemBytes)
    return invalid(
      'invalid_value',
      'item.content',
      `The message has more than ${messageLimits.maxItemBytes} bytes of text; send it as several items.`,
    );
  if (text === '') return invalid('missing_required_parameter', 'item.content', 'The message has no text.');
  return { role, text, content: parts };
}

function partOf({ type, text, transcript }: WantedContent, allowed: readonly string[]): ItemContent | undefined {
  if (!allowed.includes(type)) return undefined;
  if (type === 'input_text' || type === 'output_text') return { type, text: text ?? '' };
  const spoken = transcript ?? undefined;
  return (type === 'input_audio' || type === 'output_audio') && spoken !== undefined
    ? { type, transcript: spoken }
    : undefined;
}

function isRole(role: string | undefined): role is Role {
  return role !== undefined && Object.hasOwn(contentOf, role);
}

function expectedContent(role: Role): string {
  return contentOf[role].map((type) => (type.endsWith('audio') ? `${type} with a transcript` : type)).join(' or ');
}

function unfit(param: string, what: string, expected: string): { readonly problem: Problem } {
  return invalid('parley.not_supported', param, `Cannot add ${what.slice(0, 100)}; expected ${expected}.`);
}

function invalid(code: string, param: string, message: string): { readonly problem: Problem } {
  return { problem: { code, message, param } };
}
