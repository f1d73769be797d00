import { ParleyError } from '../../ports/errors.js';

/** What a service answered instead of doing what it was asked for. */
export type Refusal = {
  readonly provider: string;
  readonly status: number;
  /** The body as it came, without keys. */
  readonly body: string;
  readonly retryAfterMs: number | undefined;
  /** Where the key comes from, when there is one. */
  readonly keyVariable: string | undefined;
};

const longestDetail = 300;

/**
 * The error for a refusal. `remote.unauthorized` and `remote.refused` would be the same again; `remote.rate_limited`,
 * `remote.busy` and `remote.failed` may pass. None has the status that the service gave: towards our own clients it is
 * the server that has a problem.
 */
export function refusalError(refusal: Refusal): ParleyError {
  const { provider, status, retryAfterMs, keyVariable } = refusal;
  const detail = detailOf(refusal.body);
  const said = `${provider} answered ${status}${detail === '' ? '' : `: ${detail}`}`;
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 401 || status === 403)
    return new ParleyError(
      `${said}. Check ${keyVariable === undefined ? 'whether it needs a key (key_env)' : `the key in ${keyVariable}`}.`,
      { code: 'remote.unauthorized', status: 502 },
    );
  if (status === 429)
    return new ParleyError(`${said}. It takes no more requests now.`, {
      code: 'remote.rate_limited',
      retryable: true,
      status: 503,
      ...wait,
    });
  if (status === 503 || status === 408)
    return new ParleyError(`${said}.`, { code: 'remote.busy', retryable: true, status: 503, ...wait });
  if (status >= 500)
    return new ParleyError(`${said}.`, { code: 'remote.failed', retryable: true, status: 502, ...wait });
  return new ParleyError(`${said}. Expected it to accept the request: check the model's name and the URL.`, {
    code: 'remote.refused',
    status: 502,
  });
}

export function unreachable(provider: string, cause: unknown): ParleyError {
  const { code, message } = rootOf(cause);
  return new ParleyError(`${provider} cannot be reached (${code ?? message}). Check its URL and whether it runs.`, {
    code: 'remote.unreachable',
    retryable: true,
    status: 502,
    cause,
  });
}

export function cutOff(provider: string, detail: string, cause?: unknown): ParleyError {
  return new ParleyError(`${provider} broke off: ${detail}.`, {
    code: 'remote.cut_off',
    retryable: true,
    status: 502,
    cause,
  });
}

export function late(provider: string, what: string, ms: number): ParleyError {
  return new ParleyError(`${provider} sent ${what} for ${ms} ms; the request was given up.`, {
    code: 'remote.late',
    retryable: true,
    status: 504,
  });
}

/** It answered with something else than its protocol has. */
export function rubbish(provider: string, detail: string): ParleyError {
  return new ParleyError(`${provider} sent what cannot be understood: ${detail}.`, {
    code: 'remote.rubbish',
    retryable: true,
    status: 502,
  });
}

/**
 * The wait that a Retry-After header asks for: seconds or a date (RFC 9110 §10.2.3). What is neither counts as absent.
 * @param nowMs Unix time, which dates are given in
 */
export function retryAfterMs(header: string | null | undefined, nowMs: number): number | undefined {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.round(seconds * 1_000) : undefined;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

/** What services put into the body of a refusal: `error.message`, `message`, `detail`, `err_msg`, or just text. */
function detailOf(body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return oneLine(/^\s*</.test(body) ? '' : body);
  }
  const fields = isFields(value) ? value : {};
  const inner = isFields(fields.error) ? fields.error : isFields(fields.detail) ? fields.detail : fields;
  const found = [inner.message, fields.err_msg, fields.error, fields.detail].find((each) => typeof each === 'string');
  return oneLine(typeof found === 'string' ? found : '');
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function oneLine(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, longestDetail)
    .replace(/\.$/, '');
}

/** `fetch` wraps what happened in "fetch failed". */
function rootOf(cause: unknown): { readonly code: string | undefined; readonly message: string } {
  let error = cause;
  while (error instanceof Error && error.cause instanceof Error) error = error.cause;
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  return { code: (error as NodeJS.ErrnoException).code, message: error.message };
}
