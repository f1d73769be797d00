import type { ZodError } from 'zod';
import { ParleyError } from '../../../ports/errors.js';
import { issueText } from '../../http/issue-text.js';
import { requestLimits } from '../../http/limits.js';

/** An error about one field of a request. */
export class RequestError extends ParleyError {
  readonly param: string | null;

  constructor(message: string, options: { readonly param?: string | null; readonly code?: string }) {
    super(message, { code: options.code ?? 'invalid_value', status: 400 });
    this.param = options.param ?? null;
  }
}

export type OpenAiErrorBody = {
  readonly error: {
    readonly message: string;
    readonly type: 'invalid_request_error' | 'rate_limit_error' | 'server_error';
    readonly param: string | null;
    readonly code: string;
  };
};

/** Where OpenAI has a code of its own, its clients know that one. */
const codes: Readonly<Record<string, string>> = {
  'access.unauthorized': 'invalid_api_key',
  'access.expired': 'invalid_api_key',
  'access.rate_limited': 'rate_limit_exceeded',
  'access.too_many': 'rate_limit_exceeded',
  'model.unknown': 'model_not_found',
  'chat.too_long': 'context_length_exceeded',
};

const params: readonly (readonly [prefix: string, param: string])[] = [
  ['model.', 'model'],
  ['tts.unknown_voice', 'voice'],
  ['speech.speed', 'speed'],
  ['speech.', 'input'],
  ['transcription.language', 'language'],
  ['audio.rate', 'sample_rate'],
  ['audio.', 'file'],
  ['wav.', 'file'],
  ['flac.', 'file'],
  ['chat.tools', 'tools'],
  ['chat.stop', 'stop'],
  ['chat.', 'messages'],
  ['language_model.json_schema', 'response_format'],
];

/** Messages of these are for whoever keeps the server. */
const hidden = 'The server has made a mistake; its log says which.';

/** An error as OpenAI's clients expect it, with its status and headers. */
export function openAiError(error: unknown): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: OpenAiErrorBody;
} {
  const status = statusOf(error);
  const known = ParleyError.isInstance(error) ? error : undefined;
  const code = known?.code ?? (status < 500 ? 'invalid_request' : 'server_error');
  const message = known || status < 500 ? messageOf(error as Error) : hidden;
  const retryAfterMs = known?.retryAfterMs ?? (known?.retryable && status === 503 ? 2_000 : undefined);
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }),
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    },
    body: {
      error: {
        message,
        type: status >= 500 ? 'server_error' : status === 429 ? 'rate_limit_error' : 'invalid_request_error',
        param:
          error instanceof RequestError
            ? error.param
            : (params.find(([prefix]) => code.startsWith(prefix))?.[1] ?? null),
        code: codes[code] ?? code,
      },
    },
  };
}

/** A body that is too large is refused before it is read. */
function messageOf(error: Error & { readonly code?: unknown }): string {
  if (error.code !== 'FST_ERR_CTP_BODY_TOO_LARGE') return error.message;
  return `The body is too large; expected at most ${requestLimits.maxJsonBytes} bytes of JSON.`;
}

function statusOf(error: unknown): number {
  // A file that cannot be read is a wrong value of a field here, not a wrong kind of request.
  if (ParleyError.isInstance(error)) return error.status === 415 ? 400 : error.status;
  const status = (error as { readonly statusCode?: unknown }).statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}

/** What is wrong with a request, of the first thing that is. */
export function requestError(error: ZodError): RequestError {
  const [issue] = error.issues;
  const param = issue?.path.map(String).join('.') || null;
  if (param === null) return new RequestError(`The body: ${issueText(issue)}, as application/json.`, { param });
  return new RequestError(`${param}: ${issueText(issue)}.`, { param });
}
