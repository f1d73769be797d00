import { ParleyError } from '../../ports/errors.js';
import type { ChatMessage, GenerateEvent, GenerateOptions, LanguageModelContext } from '../../ports/language-model.js';
import type { ToolReplyEvent, WrittenTools } from '../../ports/native-tools.js';
import {
  callableTools,
  demandsCall,
  newCallId,
  type Toolbox,
  type ToolCall,
  type ToolDefinition,
} from '../../ports/tools.js';
import { isGrounded, listedValues } from './grounding.js';
import { callBeginning, callText } from './tool-prompt.js';
import { callSchema } from './tool-schema.js';

/** A call has to be whole to be one: it may be longer than what is spoken. */
export const maxCallTokens = 300;
const maxSpokenCharacters = 300;

export type WrittenCallsOptions = {
  readonly toolbox: Toolbox;
  /** What the model was shown. */
  readonly messages: readonly ChatMessage[];
};

/**
 * How the caller is asked for an argument that nobody has said: told to ask, in whichever words, a small model repeats
 * what the caller has said.
 */
const asking = 'could you tell me';

type Finish = Extract<GenerateEvent, { type: 'finish' }>;
type Text = Extract<GenerateEvent, { type: 'text' }>;
type Reply = AsyncGenerator<ToolReplyEvent, void, undefined>;

/**
 * A reply of a model without tools of its own: words, or one call. How the model begins decides, so that a reply of words takes no
 * token more than without tools, but for one where it has to continue an opener. A call is then written anew, held to
 * the schemas of the tools.
 *
 * A call that cannot be meant (an argument that nobody has said, or what was called and answered already) is not made:
 * the agent speaks instead.
 */
export function writtenCalls({ toolbox, messages }: WrittenCallsOptions): WrittenTools {
  const { choice, tools } = toolbox;
  const wanted = callableTools(tools, choice);
  return async function* (context, options) {
    const { forcedBeginning = '' } = options;
    const cost = new Cost();
    const call: CallOptions = { ...options, forcedBeginning, wanted, free: choice === 'auto', messages };
    if (
      demandsCall(choice) ||
      (forcedBeginning !== '' && choice === 'auto' && (await beginsWithCall(context, options, cost)))
    ) {
      yield* calling(context, call, cost);
      return;
    }
    let undecided = forcedBeginning === '' ? '' : undefined;
    let judged: Pick<Text, 'messageOver'> = {};
    for await (const event of context.generate(options)) {
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
      yield { ...event, ...judged, text: undecided ?? event.text };
      undecided = undefined;
      judged = {};
    }
    if (undecided?.trim().startsWith(callBeginning) !== true) return;
    if (choice === 'none') yield* spoken(context, options, cost);
    else yield* calling(context, call, cost);
  };
}

type CallOptions = GenerateOptions & {
  readonly forcedBeginning: string;
  readonly wanted: readonly ToolDefinition[];
  /** It was the model's own choice to call. */
  readonly free: boolean;
  readonly messages: readonly ChatMessage[];
};

/** What the model would begin with, if it had nothing to continue. */
async function beginsWithCall(
  context: LanguageModelContext,
  { signal }: GenerateOptions,
  cost: Cost,
): Promise<boolean> {
  let text = '';
  for await (const event of context.generate({ signal, maxTokens: 1 }))
    if (event.type === 'text') text += event.text;
    else cost.note(event);
  return text.trimStart().startsWith(callBeginning);
}

async function* calling(context: LanguageModelContext, options: CallOptions, cost: Cost): Reply {
  const { signal, wanted, free, messages } = options;
  yield { type: 'working' };
  const finish = yield* written(context, { signal, maxTokens: maxCallTokens, json: callSchema(wanted) });
  const { name, arguments: args } = finish.json as { readonly name: string; readonly arguments: unknown };
  const made: ToolCall = { callId: newCallId(), name, arguments: JSON.stringify(args) };
  if (free && wasAnswered(made, messages)) {
    cost.note(finish);
    yield* spoken(context, options, cost);
    return;
  }
  const listed = listedValues(wanted.find((tool) => tool.name === name)?.parameters);
  if (free && !isGrounded(args, messages.map(({ text }) => text).join('\n'), listed)) {
    cost.note(finish);
    yield* question(context, options, cost);
    return;
  }
  yield { type: 'tool-call', call: made };
  yield cost.with(finish);
}

/** Whether the call stands in the conversation already, behind the caller's last words. */
function wasAnswered(call: ToolCall, messages: readonly ChatMessage[]): boolean {
  const text = callText(call);
  const at = messages.findLastIndex((message) => message.role === 'assistant' && message.text === text);
  return at >= 0 && messages.slice(at + 1).every(({ text: each }) => each.startsWith('<tool_response>'));
}

/** Asks for what a call lacks. */
async function* question(context: LanguageModelContext, options: CallOptions, cost: Cost): Reply {
  const { signal, maxTokens, forcedBeginning } = options;
  const begun = forcedBeginning === '' ? `C${asking.slice(1)}` : ` ${asking}`;
  yield { type: 'text', text: begun };
  const endAt = (text: string): number | undefined => {
    const end = text.search(/[?\n]/);
    return end < 0 ? undefined : end + 1;
  };
  for await (const event of context.generate({ signal, maxTokens, endAt, forcedBeginning: forcedBeginning + begun }))
    yield event.type === 'text' ? event : cost.with(event);
}

/** Words where the model would rather call: as a string of JSON it cannot begin a call. */
async function* spoken(
  context: LanguageModelContext,
  { signal, maxTokens, endAt }: GenerateOptions,
  cost: Cost,
): Reply {
  const json = { type: 'string', minLength: 1, maxLength: maxSpokenCharacters };
  const finish = yield* written(context, { signal, maxTokens: Math.max(maxTokens, 90), json });
  const text = String(finish.json).replaceAll(/\s+/g, ' ').trim();
  yield { type: 'text', text: text.slice(0, endAt?.(text) ?? text.length) };
  yield cost.with(finish);
}

async function* written(
  context: LanguageModelContext,
  options: GenerateOptions,
): AsyncGenerator<ToolReplyEvent, Finish, undefined> {
  for await (const event of context.generate(options))
    if (event.type === 'text') yield { type: 'working' };
    else if (event.json !== undefined) return event;
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

  with({ json: _json, ...finish }: Finish): Finish {
    return {
      ...finish,
      computedTokens: finish.computedTokens + this.#computed,
      newTokens: finish.newTokens + this.#tokens,
      firstTokenMs: this.#firstTokenMs ?? finish.firstTokenMs,
    };
  }
}
