import { z } from 'zod';
import { openAiError, RequestError } from '../../openai/rest/openai-error.js';
import type { WavesError } from '../common/waves-error.js';

/** Chat has OpenAI's errors, with a list of what is wrong with the request. */
export const electronErrorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.enum(['invalid_request_error', 'rate_limit_error', 'server_error']),
    param: z.string().nullable(),
    code: z.string(),
    details: z.array(z.object({ code: z.string(), message: z.string(), path: z.string() })),
    request_id: z.string(),
  }),
});

type ElectronErrorBody = z.infer<typeof electronErrorSchema>;

export function electronError(error: unknown, requestId: string): WavesError<ElectronErrorBody> {
  const { status, headers, body } = openAiError(error);
  const { code, message } = body.error;
  const path = error instanceof RequestError ? error.param : null;
  const details = path === null ? [] : [{ code, message, path }];
  return { status, headers, body: { error: { ...body.error, details, request_id: requestId } } };
}
