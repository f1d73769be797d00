import { ParleyError } from '../../ports/errors.js';
import type { UpgradeAnswer } from '../sockets/refuse-upgrade.js';

export type DeepgramErrorBody = {
  readonly err_code: string;
  readonly err_msg: string;
  readonly request_id: string;
};

/** Deepgram's own words, where its clients look for them. */
const codes: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'INVALID_AUTH',
  403: 'INSUFFICIENT_PERMISSIONS',
  404: 'NOT_FOUND',
  413: 'PAYLOAD_TOO_LARGE',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
};

/** Messages of these are for whoever keeps the server. */
const hidden = 'The server has made a mistake; its log says which.';

export function invalid(message: string): ParleyError {
  return new ParleyError(message, { code: 'invalid_value', status: 400 });
}

/** An error as Deepgram's clients expect it, with its status and headers. */
export function deepgramError(
  error: unknown,
  requestId: string,
): UpgradeAnswer & { readonly body: DeepgramErrorBody; readonly headers: Readonly<Record<string, string>> } {
  const known = ParleyError.isInstance(error) ? error : undefined;
  const status = statusOf(error);
  const message = known || status < 500 ? (error as Error).message : hidden;
  const code = codes[status] ?? (status < 500 ? 'Bad Request' : 'INTERNAL_SERVER_ERROR');
  const retryAfterMs = known?.retryAfterMs ?? (known?.retryable && status === 503 ? 2_000 : undefined);
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      'dg-request-id': requestId,
      'dg-error': message.replace(/[^\x20-\x7e]/g, ' ').slice(0, 500),
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }),
      ...(status === 401 ? { 'www-authenticate': 'Token' } : {}),
    },
    body: { err_code: code, err_msg: message, request_id: requestId },
  };
}

function statusOf(error: unknown): number {
  if (ParleyError.isInstance(error)) {
    // A model that is not there, and a file that cannot be read, are wrong requests to Deepgram.
    return error.status === 404 || error.status === 415 ? 400 : error.status;
  }
  const status = (error as { readonly statusCode?: unknown }).statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
