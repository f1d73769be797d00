import { ParleyError } from '../audio/error.js';

const longestReason = 500;

/** An answer of the server that is a refusal. */
export type Refused = {
  readonly url: string;
  /** 0 when there was none. */
  readonly status: number;
  /** Its body; what is not the server's JSON is left out of the message. */
  readonly body: string;
  /** As in the header of this name. */
  readonly retryAfter: string | null;
};

/**
 * The server's own words, with its status, and when it can be asked again.
 * @param code of the error. @defaultValue `client.refused`
 */
export function refusalOf({ url, status, body, retryAfter }: Refused, code = 'client.refused'): ParleyError {
  const said = errorIn(body).message.replace(/\.$/, '');
  const seconds = Number(retryAfter ?? Number.NaN);
  const text = [
    `${url} refused the request with HTTP ${status}${said === '' ? '' : `: ${said}`}.`,
    adviceFor(status, retryAfter, said),
  ];
  return new ParleyError(text.join(' ').trim(), {
    code,
    retryable: status === 503 || status === 429,
    status: status || 502,
    ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {}),
  });
}

function adviceFor(status: number, retryAfter: string | null, said: string): string {
  if (status === 503 || status === 429)
    return `The server is full or not ready; try again${retryAfter ? ` in ${retryAfter} s` : ' later'}.`;
  if (status === 401 || status === 403) return 'Set PARLEY_API_KEY to a key of the server.';
  return said === '' ? 'Check the address.' : '';
}

/** What the server's error says; empty for what is no error of it. */
export function errorIn(body: string): { readonly message: string; readonly code: string | undefined } {
  try {
    const parsed = JSON.parse(body) as { error?: { message?: unknown; code?: unknown } | null } | null;
    const { message, code } = parsed?.error ?? {};
    return {
      message: typeof message === 'string' ? message.slice(0, longestReason) : '',
      code: typeof code === 'string' ? code : undefined,
    };
  } catch {
    return { message: '', code: undefined };
  }
}
