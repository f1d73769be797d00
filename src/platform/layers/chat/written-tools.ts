import { ParleyError } from '../../../ports/errors.js';
import type { GenerateEvent, GenerateOptions, LanguageModelContext } from '../../../ports/language-model.js';
import type { ToolReplyEvent, WrittenTools } from '../../../ports/native-tools.js';
import { newCallId } from '../../../ports/tools.js';
import { choiceQuestion } from './prompt.js';
import { noTool } from './tool-schema.js';

type Finish = Extract<GenerateEvent, { type: 'finish' }>;

/**
 * Tools of a model that has none of its own: one short reply, held to the schema of the choice, says which is called, or
 * none; then words are free.
 */
export function chooseThenWrite(choice: unknown): WrittenTools {
  return async function* (context, options) {
    const made = yield* chosen(context, choice, options);
    if (made.reason === 'length') {
      yield made;
      return;
    }
    const { name, arguments: args } = made.json as { readonly name: string; readonly arguments?: unknown };
    if (name !== noTool || args !== undefined) {
      const { json: _json, ...finish } = made;
      yield { type: 'tool-call', call: { callId: newCallId(), name, arguments: JSON.stringify(args ?? {}) } };
      yield finish;
      return;
    }
    const maxTokens = Math.max(1, options.maxTokens - made.newTokens);
    for await (const event of context.generate({ ...options, maxTokens }))
      if (event.type === 'text') yield event;
      else yield { ...event, newTokens: event.newTokens + made.newTokens, firstTokenMs: made.firstTokenMs };
  };
}

/** The choice is asked for behind the conversation, which is then as it was. */
async function* chosen(
  context: LanguageModelContext,
  choice: unknown,
  { signal, maxTokens }: GenerateOptions,
): AsyncGenerator<ToolReplyEvent, Finish, undefined> {
  const { mark } = context;
  try {
    await context.extend(choiceQuestion, { signal, defer: true });
    for await (const event of context.generate({ signal, maxTokens, json: choice }))
      if (event.type === 'finish') return event;
      else yield { type: 'working' };
  } finally {
    context.truncateTo(mark);
  }
  signal.throwIfAborted();
  throw new ParleyError('The language model did not bring its choice of a tool to an end.', {
    code: 'chat.unfinished',
    retryable: true,
    status: 502,
  });
}
