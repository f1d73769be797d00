import type { TurnMarks } from '../../../conversation/session-events.js';
import type { Item, ItemContent } from './conversation-items.js';
import type { EffectiveSession } from './effective-session.js';

export type Modality = EffectiveSession['modality'];
export type ResponseStatus = 'in_progress' | 'completed' | 'cancelled' | 'incomplete' | 'failed';
export type ResponseProblem = { readonly code: string; readonly message: string };
export type ResponseTokens = TurnMarks['tokens'];

/** A response as clients see it; `fields` stay as they were when it began. */
export function responseView(
  id: string,
  fields: Readonly<Record<string, unknown>>,
  now: {
    readonly status: ResponseStatus;
    readonly details?: Readonly<Record<string, unknown>> | null;
    readonly output?: readonly Item[];
    readonly tokens?: ResponseTokens | undefined;
  },
): Readonly<Record<string, unknown>> {
  const { status, details = null, output = [], tokens } = now;
  const usage = status === 'in_progress' ? null : usageOf(tokens);
  return { id, object: 'realtime.response', ...fields, status, status_details: details, output, usage };
}

export function contentPart(modality: Modality, text: string): Readonly<Record<string, unknown>> {
  return modality === 'audio' ? { type: 'audio', transcript: text } : { type: 'text', text };
}

export function messageContent(modality: Modality, text: string): ItemContent {
  return modality === 'audio' ? { type: 'output_audio', transcript: text } : { type: 'output_text', text };
}

export function cancelled(reason: 'turn_detected' | 'client_cancelled'): Readonly<Record<string, unknown>> {
  return { type: 'cancelled', reason };
}

export const outOfTokens = { type: 'incomplete', reason: 'max_output_tokens' } as const;

export function failure(problem: ResponseProblem | undefined): Readonly<Record<string, unknown>> {
  const { code, message } = problem ?? { code: 'parley.reply_failed', message: 'The reply could not be made.' };
  return { type: 'failed', error: { type: 'server_error', code, message } };
}

/** Tokens of the language model; what it read from its cache counts as input. Audio has no tokens here. */
function usageOf(tokens: ResponseTokens | undefined): Readonly<Record<string, unknown>> {
  const { computed, reused, generated } = tokens ?? { computed: 0, reused: 0, generated: 0 };
  const input = computed + reused;
  return {
    total_tokens: input + generated,
    input_tokens: input,
    output_tokens: generated,
    input_token_details: {
      text_tokens: input,
      audio_tokens: 0,
      image_tokens: 0,
      cached_tokens: reused,
      cached_tokens_details: { text_tokens: reused, audio_tokens: 0, image_tokens: 0 },
    },
    output_token_details: { text_tokens: generated, audio_tokens: 0 },
  };
}
