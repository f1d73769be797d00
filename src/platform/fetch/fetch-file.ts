import { type LookupAddress, lookup as lookupName } from 'node:dns';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { ParleyError } from '../../ports/errors.js';
import { type FetchLimits, fetchLimits } from './limits.js';
import { isPublicAddress } from './public-address.js';

export type FetchFileOptions = {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Whether addresses of this computer and its network may be asked. @defaultValue false */
  readonly allowPrivate?: boolean;
  /** @defaultValue `fetchLimits` */
  readonly limits?: Partial<FetchLimits> | undefined;
};

/**
 * Reads a file from an address that a client names. Only hosts of the public internet are asked, whatever their names say
 * and wherever they lead to: the address is checked when the connection is made to it.
 *
 * @throws ParleyError `fetch.url` (400) for what is no such address, `fetch.private` (400), `fetch.failed` (400) with what
 *   the other end said, `fetch.too_large` (413), `fetch.timeout` (400); the signal's reason
 */
export async function fetchFile(url: string, options: FetchFileOptions): Promise<Uint8Array> {
  const limits = { ...fetchLimits, ...options.limits };
  const late = AbortSignal.timeout(limits.totalMs);
  const means = { ...options, limits, signal: AbortSignal.any([options.signal, late]) };
  try {
    let at = checkedUrl(url, means);
    for (let redirects = 0; ; redirects++) {
      const answer = await ask(at, means);
      const next = redirectOf(answer);
      if (next === undefined) return await bodyOf(answer, means);
      answer.destroy();
      if (redirects === limits.maxRedirects) throw failed(`leads to more than ${limits.maxRedirects} other addresses`);
      at = checkedUrl(URL.canParse(next, at.href) ? new URL(next, at.href).href : next, means);
    }
  } catch (error) {
    options.signal.throwIfAborted();
    if (late.aborted) throw timeout(limits.totalMs);
    if (ParleyError.isInstance(error)) throw error;
    throw failed(`cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message.slice(0, 100)}`);
  }
}

type Means = FetchFileOptions & { readonly limits: FetchLimits };

function checkedUrl(text: string, { allowPrivate, limits }: Means): URL {
  const url = text.length <= limits.maxUrlCharacters && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !(url.protocol === 'http:' || url.protocol === 'https:') || url.username !== '' || url.password !== '')
    throw new ParleyError(
      `The url must begin with https:// or http://, with no name or password in it, and have at most ${limits.maxUrlCharacters} characters.`,
      { code: 'fetch.url', status: 400 },
    );
  // A literal address is connected to without a look-up.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) throw isPrivate();
  return url;
}

function ask(url: URL, { signal, allowPrivate = false, limits }: Means): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request: ClientRequest = send(url, {
      signal,
      agent: false,
      // What is unpacked may be much larger than what is sent.
      headers: { 'accept-encoding': 'identity', accept: 'audio/*, video/*, application/octet-stream, */*;q=0.5' },
      ...(allowPrivate ? {} : { lookup: publicLookup }),
      timeout: limits.answerMs,
    });
    request.once('timeout', () => request.destroy(timeout(limits.answerMs)));
    request.once('error', reject);
    request.once('response', resolve);
    request.end();
  });
}

/** Looks a name up as usual, and gives only addresses of the public internet. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookupName(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) {
      callback(error, '');
      return;
    }
    const open = addresses.filter(({ address }) => isPublicAddress(address));
    const [first] = open;
    if (!first) callback(isPrivate(), '');
    else if (options.all) callback(null, open);
    else callback(null, first.address, first.family);
  });
};

function redirectOf({ statusCode = 0, headers }: IncomingMessage): string | undefined {
  return [301, 302, 303, 307, 308].includes(statusCode) ? headers.location : undefined;
}

async function bodyOf(answer: IncomingMessage, { maxBytes, limits }: Means): Promise<Uint8Array> {
  const { statusCode = 0, headers } = answer;
  const tooLarge = (): ParleyError =>
    new ParleyError(`What is at the url is larger than ${Math.floor(maxBytes / 1024 ** 2)} MiB.`, {
      code: 'fetch.too_large',
      status: 413,
    });
  try {
    if (statusCode !== 200) throw failed(`answers with status ${statusCode}`);
    if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
    answer.setTimeout(limits.idleMs, () => answer.destroy(timeout(limits.idleMs)));
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of answer as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > maxBytes) throw tooLarge();
      pieces.push(piece);
    }
    return new Uint8Array(Buffer.concat(pieces));
  } finally {
    answer.destroy();
  }
}

function isPrivate(): ParleyError {
  return new ParleyError(
    'The url leads to an address that is not of the public internet, which is not asked; PARLEY_FETCH_PRIVATE=on allows it.',
    { code: 'fetch.private', status: 400 },
  );
}

function failed(how: string): ParleyError {
  return new ParleyError(`What is at the url could not be read: it ${how}.`, { code: 'fetch.failed', status: 400 });
}

function timeout(ms: number): ParleyError {
  return new ParleyError(`What is at the url did not come within ${ms} ms.`, { code: 'fetch.timeout', status: 400 });
}
