import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ParleyError } from '../../audio/error.js';

const timeoutMs = 15_000;
const largestBodyBytes = 4 * 1024 ** 2;

export type ManageRequest = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly apiKey: string | undefined;
  readonly body?: unknown;
  /** Certificates to trust, PEM. Undefined: the usual ones. */
  readonly ca: readonly string[] | undefined;
};

/**
 * Asks a running server for something that needs the scope `manage`.
 * @returns the JSON of its answer
 * @throws ParleyError `keys.refused` with what the server says; `keys.no_answer`
 */
export async function manageRequest(options: ManageRequest): Promise<unknown> {
  const { status, text } = await send(options).catch((cause: Error) => {
    throw new ParleyError(`The server at ${options.url.origin} does not answer: ${cause.message}.`, {
      code: 'keys.no_answer',
      cause,
    });
  });
  const json = parse(text);
  if (status < 300) return json;
  const { message } = ((json as { error?: { message?: unknown } } | undefined)?.error ?? {}) as { message?: unknown };
  const said = typeof message === 'string' ? message : `HTTP ${status}`;
  const help = status === 401 || status === 403 ? ' Set PARLEY_API_KEY to a key with the scope "manage".' : '';
  throw new ParleyError(`The server at ${options.url.origin} says: ${said}${help}`, { code: 'keys.refused', status });
}

function send({ method, url, apiKey, body, ca }: ManageRequest): Promise<{ status: number; text: string }> {
  const secure = url.protocol === 'https:';
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(url, {
      method,
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...(payload === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      },
      ...(secure && ca ? { ca: [...ca] } : {}),
    });
    request.once('error', reject);
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > largestBodyBytes) response.destroy(new Error(`more than ${largestBodyBytes} bytes came`));
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.once('error', reject);
    });
    request.end(payload);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
