import { randomUUID } from 'node:crypto';
import type { ChatEvent, ChatFormat, ChatTurn, ToolCall } from '../../../platform/layers/chat/chat-types.js';
import { relaxedSchema } from '../../../platform/layers/chat/tool-schema.js';
import type { ToolChoice } from '../../../ports/tools.js';
import { eventStreamHeaders, sentEvent } from '../../http/server-sent-events.js';
import type { RequestVisit } from '../../http/visit.js';
import { tellIgnored, unknownFields } from '../rest/ignored.js';
import { openAiError, requestError } from '../rest/openai-error.js';
import type { OpenAiRoute, RouteMeans } from '../rest/routes.js';
import { type ChatBody, chatExample, chatRequestSchema, chunkSchema, completionSchema } from './chat-request.js';

export const chatRoute: OpenAiRoute = {
  method: 'POST',
  path: '/v1/chat/completions',
  summary: 'Answer a conversation',
  scope: 'chat',
  request: { type: 'application/json', schema: chatRequestSchema, example: chatExample },
  responses: {
    'application/json': { description: 'The reply.', schema: completionSchema },
    'text/event-stream': { description: 'With stream.', schema: chunkSchema },
  },
  handle: (means) => answerChat(means, (error) => openAiError(error).body),
};

/**
 * Answers a conversation as OpenAI does, whole or in pieces.
 * @param errorBody an error after the first piece, in the form of the dialect
 * @throws RequestError; what `ChatLayer.reply` throws
 */
export async function answerChat(
  { request, reply, layers, visit }: Pick<RouteMeans, 'request' | 'reply' | 'layers' | 'visit'>,
  errorBody: (error: unknown) => unknown,
): Promise<unknown> {
  const parsed = chatRequestSchema.safeParse(request.body);
  if (!parsed.success) throw requestError(parsed.error);
  const body = parsed.data;
  tellIgnored(reply, [
    ...unknownFields(request.body as object, Object.keys(chatRequestSchema.shape)),
    ...(body.temperature ? ['temperature'] : []),
  ]);
  const { id: model } = layers.chat.models.find(body.model);
  const events = layers.chat.reply({
    model: body.model,
    messages: body.messages.map(turnOf),
    tools: body.tools?.map(({ function: { name, description, parameters, strict } }) => ({
      name,
      description,
      parameters,
      strict: strict ?? false,
    })),
    toolChoice: toolChoiceOf(body),
    parallelCalls: body.parallel_tool_calls ?? true,
    format: formatOf(body),
    stop: body.stop === null || body.stop === undefined ? [] : [body.stop].flat(),
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    signal: visit.signal,
  });
  const head: Head = {
    id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
    created: Math.floor(Date.now() / 1_000),
    model,
  };
  reply.header('cache-control', 'no-store');
  if (!body.stream) return completion(events, head, visit);
  reply.headers(eventStreamHeaders);
  const withUsage = body.stream_options?.include_usage ?? false;
  return visit.stream(chunks(events, head, { visit, withUsage, errorBody }));
}

type Head = { readonly id: string; readonly created: number; readonly model: string };
type Message = ChatBody['messages'][number];
type Finish = Extract<ChatEvent, { type: 'finish' }>;

function textOf(content: Message['content']): string {
  if (content === null || content === undefined) return '';
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('\n');
}

function turnOf(message: Message): ChatTurn {
  switch (message.role) {
    case 'assistant':
      return {
        role: 'assistant',
        text: textOf(message.content),
        toolCalls: message.tool_calls?.map(({ id, function: call }) => ({ id, ...call })),
      };
    case 'tool':
      return { role: 'tool', callId: message.tool_call_id, text: textOf(message.content) };
    case 'user':
      return { role: 'user', text: textOf(message.content) };
    default:
      return { role: 'system', text: textOf(message.content) };
  }
}

function toolChoiceOf({ tool_choice: choice }: ChatBody): ToolChoice {
  return typeof choice === 'object' ? { name: choice.function.name } : (choice ?? 'auto');
}

function formatOf({ response_format: format }: ChatBody): ChatFormat {
  if (format?.type === 'json_object') return { type: 'json' };
  if (format?.type !== 'json_schema') return { type: 'text' };
  const { schema, strict } = format.json_schema;
  return { type: 'json-schema', schema: strict ? schema : relaxedSchema(schema) };
}

function usageOf({ usage }: Finish) {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
  };
}

function finishReasonOf({ reason }: Finish) {
  return reason === 'tool-calls' ? ('tool_calls' as const) : reason;
}

function count(visit: RequestVisit, { usage }: Finish): void {
  visit.count({ inputTokens: usage.inputTokens, outputTokens: usage.outputTokens });
}

function toolCallOf({ id, name, arguments: args }: ToolCall) {
  return { id, type: 'function' as const, function: { name, arguments: args } };
}

async function completion(events: AsyncIterable<ChatEvent>, head: Head, visit: RequestVisit): Promise<unknown> {
  let text = '';
  const calls: ToolCall[] = [];
  let finish: Finish | undefined;
  for await (const event of events) {
    if (event.type === 'text') text += event.text;
    else if (event.type === 'tool-call') calls.push(event.call);
    else if (event.type === 'finish') finish = event;
  }
  visit.signal.throwIfAborted();
  if (!finish) throw new Error('a reply without an end');
  count(visit, finish);
  const message = {
    role: 'assistant',
    content: calls.length > 0 && text === '' ? null : text,
    refusal: null,
    ...(calls.length > 0 ? { tool_calls: calls.map(toolCallOf) } : {}),
  };
  return {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReasonOf(finish) }],
    usage: usageOf(finish),
  };
}

async function* chunks(
  events: AsyncIterable<ChatEvent>,
  head: Head,
  {
    visit,
    withUsage,
    errorBody,
  }: {
    readonly visit: RequestVisit;
    readonly withUsage: boolean;
    readonly errorBody: (error: unknown) => unknown;
  },
): AsyncGenerator<string, void, undefined> {
  const base = { ...head, object: 'chat.completion.chunk', ...(withUsage ? { usage: null } : {}) };
  const chunk = (delta: object, reason: string | null = null): string =>
    sentEvent({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }] });
  let begun = false;
  /** In the order of their first piece. */
  const calls: string[] = [];
  const callPiece = ({ id, ...call }: ToolCall): string => {
    const index = calls.indexOf(id);
    if (index >= 0) return chunk({ tool_calls: [{ index, function: { arguments: call.arguments } }] });
    calls.push(id);
    return chunk({ tool_calls: [{ index: calls.length - 1, ...toolCallOf({ id, ...call }) }] });
  };
  try {
    for await (const event of events) {
      const calling = event.type === 'tool-call' || event.type === 'tool-call-part';
      if (!begun) yield chunk({ role: 'assistant', content: calling ? null : '' });
      begun = true;
      if (event.type === 'text') yield chunk({ content: event.text });
      else if (event.type === 'tool-call-part') yield callPiece(event);
      else if (event.type === 'tool-call') {
        if (!calls.includes(event.call.id)) yield callPiece(event.call);
      } else {
        count(visit, event);
        yield chunk({}, finishReasonOf(event));
        if (withUsage) yield sentEvent({ ...base, choices: [], usage: usageOf(event) });
      }
    }
  } catch (error) {
    if (!begun) throw error;
    yield sentEvent(errorBody(error));
    return;
  }
  yield 'data: [DONE]\n\n';
}
