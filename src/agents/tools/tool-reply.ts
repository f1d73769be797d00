import type { BrainEvent } from '../../ports/brain.js';
import type { ChatMessage, GenerateEvent, GenerateOptions, LanguageModelContext } from '../../ports/language-model.js';
import { generateWithTools } from '../../ports/native-tools.js';
import type { Toolbox } from '../../ports/tools.js';
import { maxCallTokens, writtenCalls } from './written-calls.js';

export type ToolReplyOptions = Pick<GenerateOptions, 'signal' | 'maxTokens' | 'endAt'> & {
  readonly toolbox: Toolbox;
  /** Words that the reply continues, if it is spoken. */
  readonly forcedBeginning: string;
  /** What the model was shown. */
  readonly messages: readonly ChatMessage[];
};

/** A reply: words, and of an agent that has tools calls of them, natively where the model can. */
export async function* toolReply(
  context: LanguageModelContext,
  { toolbox, messages, signal, maxTokens, endAt, forcedBeginning }: ToolReplyOptions,
): AsyncGenerator<BrainEvent> {
  const speech: GenerateOptions = { signal, maxTokens, forcedBeginning, judge: true, ...(endAt ? { endAt } : {}) };
  if (toolbox.tools.length === 0) {
    for await (const event of context.generate(speech))
      yield event.type === 'text' ? { ...event, type: 'say' } : usageOf(event);
    return;
  }
  // What is spoken ends by itself; what is written ends where its reader wants it to.
  const callTokens = endAt ? maxCallTokens : 0;
  const written = writtenCalls({ toolbox, messages });
  let working = false;
  for await (const event of generateWithTools(context, { ...speech, toolbox, callTokens, written }))
    switch (event.type) {
      case 'text':
        yield { ...event, type: 'say' };
        break;
      case 'tool-call':
        yield { type: 'call', call: event.call };
        break;
      case 'finish':
        yield usageOf(event);
        break;
      case 'working':
        if (!working) yield { type: 'working' };
        working = true;
        break;
      case 'tool-call-part':
        break;
    }
}

function usageOf({
  computedTokens,
  reusedTokens,
  newTokens,
  firstTokenMs,
  droppedMessages,
}: Extract<GenerateEvent, { type: 'finish' }>): BrainEvent {
  return { type: 'usage', computedTokens, reusedTokens, newTokens, firstTokenMs, droppedMessages };
}
