import type { ClientEventOf } from './client-events.js';
import type { Problem } from './event-writer.js';
import { messageLimits } from './limits.js';

type WantedItem = ClientEventOf<'conversation.item.create'>['item'];

/** The text of an item that stands for something the caller has written, or why it is no such item. */
export function userTextOf({ type, role, content = [] }: WantedItem): string | { readonly problem: Problem } {
  if (type !== 'message') return unfit('item.type', `an item of type "${type}"`);
  if (role !== 'user') return unfit('item.role', `a message of role "${role ?? ''}"`);
  const texts: string[] = [];
  for (const [index, { type: kind, text }] of content.entries()) {
    if (kind !== 'input_text') return unfit(`item.content.${index}.type`, `content of type "${kind}"`);
    texts.push(text ?? '');
  }
  const joined = texts.join('\n').trim();
  if (Buffer.byteLength(joined) > messageLimits.maxItemBytes)
    return {
      problem: {
        code: 'invalid_value',
        message: `The message has more than ${messageLimits.maxItemBytes} bytes of text; send it as several items.`,
        param: 'item.content',
      },
    };
  if (joined !== '') return joined;
  return {
    problem: { code: 'missing_required_parameter', message: 'The message has no text.', param: 'item.content' },
  };
}

function unfit(param: string, what: string): { readonly problem: Problem } {
  return {
    problem: {
      code: 'parley.not_supported',
      message: `Cannot add ${what.slice(0, 100)}; expected a message of role "user" with content of type "input_text".`,
      param,
    },
  };
}
