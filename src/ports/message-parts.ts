import type { ChatMessage } from './language-model.js';
import type { ToolCall, ToolResult } from './tools.js';

export type MessagePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call'; readonly call: ToolCall }
  | { readonly type: 'result'; readonly result: ToolResult };

/** What a message is made of; of words only, where it says nothing else. */
export function partsOf({ text, parts }: ChatMessage): readonly MessagePart[] {
  return parts ?? (text === '' ? [] : [{ type: 'text', text }]);
}

/** Two messages of one speaker as one. @param between what separates their texts */
export function joinedMessages(first: ChatMessage, second: ChatMessage, between: string): ChatMessage {
  const { role } = first;
  const text = `${first.text}${between}${second.text}`;
  if (!first.parts && !second.parts) return { role, text };
  return { role, text, parts: [...partsOf(first), ...partsOf(second)] };
}
