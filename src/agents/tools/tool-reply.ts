import { randomUUID } from 'node:crypto';
import type { BrainEvent } from '../../ports/brain.js';
import { ParleyError } from '../../ports/errors.js';
import type { ChatMessage, GenerateEvent, GenerateOptions, LanguageModelContext } from '../../ports/language-model.js';
import type { Toolbox, ToolCall, ToolDefinition } from '../../ports/tools.js';
import { isGrounded, listedValues } from './grounding.js';
import { callBeginning, callText } from './tool-prompt.js';
import { callSchema } from './tool-schema.js';

/** A call has to be whole to be one: it may be longer than what is spoken. */
const maxCallTokens = 300;
const maxSpokenCharacters = 300;

export type ToolReplyOptions = Pick<GenerateOptions, 'signal' | 'maxTokens' | 'endAt'> & {
  readonly toolbox: Toolbox;
  /** Words that the reply continues, if it is spoken. */
  readonly forcedBeginning: string;
  /** What the model was shown. */
  readonly messages: readonly ChatMessage[];
};

/**
 * How the caller is asked for an argument that nobody has said: told to ask, in whichever words, a small model repeats
 * what the caller has said.
 */
const asking = 'could you tell me';

type Say = Extract<BrainEvent, { type: 'say' }>;
type Finish = Extract<GenerateEvent, { type: 'finish' }>;

/**
 * A reply: words, or, of an agent that has tools, one call. How the model begins decides, so that a reply of words takes no
 * token more than without tools, but for one where it has to continue an opener. A call is then written anew, held to
 * the schemas of the tools.
 *
 * A call that cannot be meant (an argument that nobody has said, or what was called and answered already) is not made:
 * the agent speaks instead.
 */
export async function* toolReply(context: LanguageModelContext, options: ToolReplyOptions): AsyncGenerator<BrainEvent> {
  const { toolbox, forcedBeginning } = options;
  const { choice, tools } = toolbox;
  const cost = new Cost();
  if (tools.length === 0) {
    for await (const event of context.generate(speech(options)))
      yield event.type === 'text' ? { ...event, type: 'say' } : cost.with(event);
    return;
  }
  const wanted = typeof choice === 'object' ? tools.filter(({ name }) => name === choice.name) : tools;
  const must = typeof choice === 'object' || choice === 'required';
  if (must || (forcedBeginning !== '' && choice === 'auto' && (await beginsWithCall(context, options, cost)))) {
    yield* call(context, options, wanted, cost);
    return;
  }
  let undecided = forcedBeginning === '' ? '' : undefined;
  let judged: Pick<Say, 'messageOver'> = {};
  for await (const event of context.generate(speech(options))) {
    if (event.type === 'finish') {
      yield cost.with(event);
      continue;
    }
    if (event.messageOver !== undefined) judged = { messageOver: event.messageOver };
    if (undecided !== undefined) {
      undecided += event.text;
      if (undecided.trim() === '') continue;
      if (undecided.trimStart().startsWith(callBeginning)) {
        cost.add(event.tokens ?? 1);
        break;
      }
    }
    yield { ...event, ...judged, type: 'say', text: undecided ?? event.text };
    undecided = undefined;
    judged = {};
  }
  if (undecided?.trim().startsWith(callBeginning) !== true) return;
  if (choice === 'none') yield* spoken(context, options, cost);
  else yield* call(context, options, wanted, cost);
}

function speech({ signal, maxTokens, endAt, forcedBeginning }: ToolReplyOptions): GenerateOptions {
  return { signal, maxTokens, forcedBeginning, judge: true, ...(endAt ? { endAt } : {}) };
}

/** What the model would begin with, if it had nothing to continue. */
async function beginsWithCall(
  context: LanguageModelContext,
  { signal }: ToolReplyOptions,
  cost: Cost,
): Promise<boolean> {
  let text = '';
  for await (const event of context.generate({ signal, maxTokens: 1 }))
    if (event.type === 'text') text += event.text;
    else cost.note(event);
  return text.trimStart().startsWith(callBeginning);
}

async function* call(
  context: LanguageModelContext,
  options: ToolReplyOptions,
  tools: readonly ToolDefinition[],
  cost: Cost,
): AsyncGenerator<BrainEvent> {
  const { signal, toolbox, messages } = options;
  yield { type: 'working' };
  const finish = await written(context, { signal, maxTokens: maxCallTokens, json: callSchema(tools) });
  const { name, arguments: args } = finish.json as { readonly name: string; readonly arguments: unknown };
  const made: ToolCall = { callId: `call_${randomUUID().replaceAll('-', '')}`, name, arguments: JSON.stringify(args) };
  const free = toolbox.choice === 'auto';
  if (free && wasAnswered(made, messages)) {
    cost.note(finish);
    yield* spoken(context, options, cost);
    return;
  }
  const listed = listedValues(tools.find((tool) => tool.name === name)?.parameters);
  if (free && !isGrounded(args, messages.map(({ text }) => text).join('\n'), listed)) {
    cost.note(finish);
    yield* question(context, options, cost);
    return;
  }
  yield cost.with(finish);
  yield { type: 'call', call: made };
}

/** Whether the call stands in the conversation already, behind the caller's last words. */
function wasAnswered(call: ToolCall, messages: readonly ChatMessage[]): boolean {
  const text = callText(call);
  const at = messages.findLastIndex((message) => message.role === 'assistant' && message.text === text);
  return at >= 0 && messages.slice(at + 1).every(({ text: each }) => each.startsWith('<tool_response>'));
}

/** Asks for what a call lacks. */
async function* question(
  context: LanguageModelContext,
  options: ToolReplyOptions,
  cost: Cost,
): AsyncGenerator<BrainEvent> {
  const { signal, maxTokens, forcedBeginning } = options;
  const begun = forcedBeginning === '' ? `C${asking.slice(1)}` : ` ${asking}`;
  yield { type: 'say', text: begun };
  const endAt = (text: string): number | undefined => {
    const end = text.search(/[?\n]/);
    return end < 0 ? undefined : end + 1;
  };
  for await (const event of context.generate({ signal, maxTokens, endAt, forcedBeginning: forcedBeginning + begun }))
    yield event.type === 'text' ? { ...event, type: 'say' } : cost.with(event);
}

/** Words where the model would rather call: as a string of JSON it cannot begin a call. */
async function* spoken(
  context: LanguageModelContext,
  { signal, maxTokens, endAt }: ToolReplyOptions,
  cost: Cost,
): AsyncGenerator<BrainEvent> {
  const json = { type: 'string', minLength: 1, maxLength: maxSpokenCharacters };
  const finish = await written(context, { signal, maxTokens: Math.max(maxTokens, 90), json });
  const text = String(finish.json).replaceAll(/\s+/g, ' ').trim();
  yield { type: 'say', text: text.slice(0, endAt?.(text) ?? text.length) };
  yield cost.with(finish);
}

async function written(context: LanguageModelContext, options: GenerateOptions): Promise<Finish> {
  for await (const event of context.generate(options))
    if (event.type === 'finish' && event.json !== undefined) return event;
  throw new ParleyError('The model did not bring a tool call to its end.', {
    code: 'tools.call_unfinished',
    status: 502,
    retryable: true,
  });
}

/** What came before the part of a reply that tells what it cost. */
class Cost {
  #computed = 0;
  #tokens = 0;
  #firstTokenMs: number | undefined;

  add(tokens: number): void {
    this.#tokens += tokens;
  }

  note({ computedTokens, newTokens, firstTokenMs }: Finish): void {
    this.#computed += computedTokens;
    this.#tokens += newTokens;
    this.#firstTokenMs ??= firstTokenMs;
  }

  with({ computedTokens, reusedTokens, newTokens, firstTokenMs, droppedMessages }: Finish): BrainEvent {
    return {
      type: 'usage',
      computedTokens: computedTokens + this.#computed,
      reusedTokens,
      newTokens: newTokens + this.#tokens,
      firstTokenMs: this.#firstTokenMs ?? firstTokenMs,
      droppedMessages,
    };
  }
}
