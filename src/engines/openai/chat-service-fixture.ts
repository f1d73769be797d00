import { setTimeout as sleep } from 'node:timers/promises';
import type { ScriptedAnswer, ScriptedRequest, ScriptedService } from '../remote/scripted-service-fixture.js';

export type SentChat = {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly response_format?: { readonly json_schema: { readonly schema: unknown } };
  readonly continue_final_message?: boolean;
  readonly tools?: readonly unknown[];
  readonly tool_choice?: unknown;
};

export function sentChat(request: ScriptedRequest): SentChat {
  return JSON.parse(request.body.toString('utf8')) as SentChat;
}

export const delta = (content: string) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
export const callPiece = (
  index: number | undefined,
  { id, name, arguments: args }: { readonly id?: string; readonly name?: string; readonly arguments?: string },
) => {
  const call = { ...(index === undefined ? {} : { index }), ...(id ? { id, type: 'function' } : {}) };
  const tool_calls = [{ ...call, function: { ...(name ? { name } : {}), arguments: args ?? '' } }];
  return { choices: [{ index: 0, delta: { tool_calls }, finish_reason: null }] };
};
export const finish = (reason: string) => ({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });

/** Streams the words of `reply` as one token each, as many as were asked for. */
export async function streamChat(answer: ScriptedAnswer, request: ScriptedRequest, reply: string): Promise<void> {
  const { max_tokens: most = Number.POSITIVE_INFINITY } = sentChat(request);
  const tokens = reply.match(/\s*\S+/g) ?? [];
  const sent = tokens.slice(0, most);
  answer.begin('text/event-stream');
  await answer.event({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] });
  for (const token of sent) {
    if (answer.left) return;
    await answer.event(delta(token));
    await sleep(1);
  }
  await answer.event(finish(sent.length < tokens.length ? 'length' : 'stop'));
  const usage = { prompt_tokens: 20, completion_tokens: sent.length, prompt_tokens_details: { cached_tokens: 12 } };
  await answer.event({ choices: [], usage });
  await answer.event('[DONE]');
  answer.end();
}

/** Every chat is answered with what `reply` makes of the last message. */
export function answersChats(service: ScriptedService, reply: (said: string) => string): void {
  service.answer = (request, answer) =>
    streamChat(answer, request, reply(sentChat(request).messages.at(-1)?.content ?? ''));
}
