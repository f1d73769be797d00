import { z } from 'zod';
import { ParleyError } from '../../../ports/errors.js';
import { openAiError, RequestError } from '../../openai/rest/openai-error.js';

/**
 * Smallest.ai's products have error bodies of their own, and its clients look for what is wrong in `message` or in `error`:
 * here it is in both.
 */
export const wavesErrorSchema = z.object({
  status: z.literal('error'),
  error: z.string().describe('What went wrong.'),
  message: z.string().describe('The same.'),
  error_code: z.string(),
  request_id: z.string().optional().describe('As in the header x-request-id.'),
  details: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .optional()
    .describe('Fields of the request that are wrong.'),
});

export type WavesErrorBody = z.infer<typeof wavesErrorSchema>;

export type WavesError<Body = WavesErrorBody> = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
};

/** An error as clients of Waves expect it, with its status and headers. */
export function wavesError(error: unknown, requestId?: string): WavesError {
  const { status, headers, body } = openAiError(error);
  const { message } = body.error;
  const param = error instanceof RequestError ? error.param : null;
  return {
    status,
    headers,
    body: {
      status: 'error',
      error: message,
      message,
      error_code: ParleyError.isInstance(error) ? error.code : body.error.code,
      ...(requestId === undefined ? {} : { request_id: requestId }),
      ...(param === null ? {} : { details: [{ path: param, message }] }),
    },
  };
}
