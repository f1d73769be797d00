import type { ChatMessage } from '../../ports/language-model.js';
import type { ToolCall } from '../../ports/tools.js';

/**
 * How a server is made to go on from words that the caller has heard. `prefix`: the words are the last message and the
 * server continues it (vLLM and what follows its `continue_final_message`). `instructed`: the caller's message says so,
 * which every server understands and no server keeps to always; words that it repeats are cut off.
 */
export type Continuation = 'prefix' | 'instructed';

type WireCall = {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
};

export type WireMessage =
  | { readonly role: ChatMessage['role']; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string | null; readonly tool_calls: readonly WireCall[] }
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string };

/** Messages whose calls and results are text. */
export function writtenMessages(messages: readonly ChatMessage[]): WireMessage[] {
  return messages.map(({ role, text }) => ({ role, content: text }));
}

/** What stands for the result of a call that has none yet: a server refuses a call without one. */
const noResult = '(no result yet)';

/**
 * Messages with calls and results as the protocol has them. It wants each result directly behind its call, so one that came
 * later moves up; one whose call is not there (any more) is told as text.
 */
export function nativeMessages(messages: readonly ChatMessage[]): WireMessage[] {
  const parts = messages.flatMap((message) => message.parts ?? []);
  const results = new Map(
    parts.flatMap((part) => (part.type === 'result' ? [[part.result.callId, part.result.output]] : [])),
  );
  const called = new Set(parts.flatMap((part) => (part.type === 'call' ? [part.call.callId] : [])));
  return messages.flatMap(({ role, text, parts: made }): WireMessage[] => {
    if (!made) return [{ role, content: text }];
    const wire: WireMessage[] = [];
    let words: string[] = [];
    let calls: ToolCall[] = [];
    const flush = (): void => {
      const content = words.join('\n');
      if (calls.length > 0) {
        wire.push({ role: 'assistant', content: content || null, tool_calls: calls.map(wireCall) });
        for (const { callId } of calls)
          wire.push({ role: 'tool', tool_call_id: callId, content: results.get(callId) ?? noResult });
      } else if (content !== '') wire.push({ role, content });
      words = [];
      calls = [];
    };
    for (const part of made) {
      if (part.type === 'call') calls.push(part.call);
      else if (part.type === 'result') {
        if (!called.has(part.result.callId)) words.push(`(An earlier call has given: ${part.result.output})`);
      } else {
        if (calls.length > 0) flush();
        words.push(part.text);
      }
    }
    flush();
    return wire;
  });
}

function wireCall({ callId, name, arguments: args }: ToolCall): WireCall {
  return { id: callId, type: 'function', function: { name, arguments: args.trim() || '{}' } };
}

/** The messages of a request, and what makes the server go on from `beginning`. */
export function chatMessages(
  wire: readonly WireMessage[],
  beginning: string,
  continuation: Continuation,
): { readonly messages: readonly WireMessage[]; readonly [field: string]: unknown } {
  if (beginning === '') return { messages: wire };
  if (continuation === 'prefix')
    return {
      messages: [...wire, { role: 'assistant', content: beginning }],
      continue_final_message: true,
      add_generation_prompt: false,
    };
  const note = `(Your reply has begun already: ${JSON.stringify(beginning)}. Write only the words that follow it.)`;
  const last = wire.at(-1);
  if (last?.role !== 'user') return { messages: [...wire, { role: 'user', content: note }] };
  return { messages: [...wire.slice(0, -1), { role: 'user', content: `${last.content}\n\n${note}` }] };
}
