import { z } from 'zod';
import { ParleyError } from '../../ports/errors.js';
import type { ChatMessage } from '../../ports/language-model.js';
import { rubbish } from '../remote/refusals.js';
import type { RemoteApi } from '../remote/remote-api.js';

/** A chunk of `POST /chat/completions` with `stream: true`; what is not named here is of no interest. */
const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z
    .object({
      prompt_tokens: z.number().nonnegative().nullish(),
      completion_tokens: z.number().nonnegative().nullish(),
      prompt_tokens_details: z.object({ cached_tokens: z.number().nonnegative().nullish() }).nullish(),
    })
    .nullish(),
  /** Some servers report a failure inside a stream that they have begun with status 200. */
  error: z.unknown().optional(),
});

export type ChatChunk = {
  readonly text: string;
  readonly finish: string | undefined;
  readonly usage: ChatUsage | undefined;
};

export type ChatUsage = { readonly prompt: number; readonly cached: number; readonly generated: number | undefined };

export const endOfChat = '[DONE]';

/** @throws ParleyError `remote.rubbish`, `remote.failed` */
export function readChatChunk(api: RemoteApi, data: string): ChatChunk {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw rubbish(api.provider, `expected a chunk of JSON, found "${api.masked(data.slice(0, 80))}"`);
  }
  const { data: chunk, error } = chunkSchema.safeParse(value);
  if (!chunk) throw rubbish(api.provider, `a chunk whose ${error.issues[0]?.path.join('.')} is of another kind`);
  if (chunk.error)
    throw new ParleyError(`${api.provider} failed in the middle: ${api.masked(messageOf(chunk.error))}.`, {
      code: 'remote.failed',
      retryable: true,
      status: 502,
    });
  const choice = chunk.choices?.[0];
  return {
    text: choice?.delta?.content ?? '',
    finish: choice?.finish_reason ?? undefined,
    usage: chunk.usage
      ? {
          prompt: chunk.usage.prompt_tokens ?? 0,
          cached: chunk.usage.prompt_tokens_details?.cached_tokens ?? 0,
          generated: chunk.usage.completion_tokens ?? undefined,
        }
      : undefined,
  };
}

function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error;
  return String(message ?? 'it does not say why').slice(0, 300);
}

/**
 * How a server is made to go on from words that the caller has heard. `prefix`: the words are the last message and the
 * server continues it (vLLM and what follows its `continue_final_message`). `instructed`: the caller's message says so,
 * which every server understands and no server keeps to always; words that it repeats are cut off.
 */
export type Continuation = 'prefix' | 'instructed';

type WireMessage = { readonly role: ChatMessage['role']; readonly content: string };

/** The messages of a request, and what makes the server go on from `beginning`. */
export function chatMessages(
  messages: readonly ChatMessage[],
  beginning: string,
  continuation: Continuation,
): { readonly messages: readonly WireMessage[]; readonly [field: string]: unknown } {
  const wire = messages.map(({ role, text }) => ({ role, content: text }));
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
