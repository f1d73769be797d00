import { z } from 'zod';
import { ParleyError } from '../../ports/errors.js';
import { rubbish } from '../remote/refusals.js';
import type { RemoteApi } from '../remote/remote-api.js';

/** A piece of a call. Some servers leave out the index, some name nothing twice, some everything each time. */
const callDelta = z.object({
  index: z.number().int().nonnegative().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});

export type CallDelta = z.infer<typeof callDelta>;

/** A chunk of `POST /chat/completions` with `stream: true`; what is not named here is of no interest. */
const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish(), tool_calls: z.array(callDelta).nullish() }).nullish(),
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
  readonly calls: readonly CallDelta[];
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
    calls: choice?.delta?.tool_calls ?? [],
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
