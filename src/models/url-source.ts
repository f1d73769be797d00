import type { PartFile } from './part-file.js';
import { explainReads, SourceFailure } from './source-failure.js';

export type UrlDeadlines = {
  /** From the request to the response's headers, redirects included. @defaultValue 3000 */
  readonly answerMs: number;
  /** Without a single byte while the body is being read. @defaultValue 15000 */
  readonly stallMs: number;
};

export const defaultUrlDeadlines: UrlDeadlines = { answerMs: 3_000, stallMs: 15_000 };

/** A connection that breaks after it made progress is taken up again this often. */
const maxRequests = 6;

export type UrlDownload = {
  readonly url: string;
  /** Filled from where it stands. */
  readonly part: PartFile;
  readonly fileBytes: number;
  readonly deadlines: UrlDeadlines;
  readonly signal: AbortSignal;
  /** Called with the bytes of the file that are there by now. */
  readonly onBytes: (bytes: number) => void;
};

/**
 * Fills a part file from an address, continuing with `Range` where it stands. A server that ignores the range makes it
 * start again. The hash is the caller's business.
 *
 * @throws {SourceFailure} no answer in time, a status other than 200 and 206, another length, or a broken body
 */
export async function downloadUrl(download: UrlDownload): Promise<void> {
  const { part } = download;
  for (let request = 1; !part.complete; request++) {
    const before = part.bytes;
    try {
      await requestRest(download);
      if (!part.complete) throw new SourceFailure(`ended after ${part.bytes} of ${download.fileBytes} bytes`);
    } catch (error) {
      const mayContinue = error instanceof SourceFailure && !error.badBytes && part.bytes > before;
      if (!mayContinue || request >= maxRequests) throw error;
    }
  }
}

async function requestRest(download: UrlDownload): Promise<void> {
  const { part, deadlines, signal } = download;
  const watch = createWatchdog(signal);
  try {
    watch.expect(deadlines.answerMs, `did not answer within ${deadlines.answerMs / 1000} s`);
    const response = await send(download, watch);
    watch.expect(deadlines.stallMs, `sent nothing for ${deadlines.stallMs / 1000} s`);
    if (!response.body) throw new SourceFailure('answered without a body');

    let received = false;
    const explain = (error: unknown) => {
      signal.throwIfAborted();
      const reason = watch.expired ?? `broke off: ${describeNetworkError(error)}`;
      return new SourceFailure(reason, { unanswered: !received, cause: error });
    };
    for await (const chunk of explainReads<Uint8Array>(response.body, explain)) {
      received = true;
      // Writing is not the server's time: a slow disk must not count as a stall.
      watch.rest();
      await part.append(chunk);
      download.onBytes(part.bytes);
      watch.expect(deadlines.stallMs, `sent nothing for ${deadlines.stallMs / 1000} s`);
    }
  } finally {
    watch.close();
  }
}

/** Sends the request and settles where the body starts: at the part file's end, or at 0 after `restart`. */
async function send(download: UrlDownload, watch: Watchdog): Promise<Response> {
  const { url, part, fileBytes, signal } = download;
  const offset = part.bytes;
  let response: Response;
  try {
    response = await fetch(url, {
      signal: watch.signal,
      headers: { 'accept-encoding': 'identity', ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) },
    });
  } catch (error) {
    signal.throwIfAborted();
    const reason = watch.expired ?? `could not be reached: ${describeNetworkError(error)}`;
    throw new SourceFailure(reason, { unanswered: true, cause: error });
  }

  const answeredRange = response.status === 206;
  if (offset > 0 && response.status === 416) {
    await part.restart();
    await response.body?.cancel();
    return send(download, watch);
  }
  if (response.status !== 200 && !answeredRange) {
    await response.body?.cancel();
    throw new SourceFailure(`answered ${response.status} ${response.statusText}`.trimEnd());
  }
  if (answeredRange && !response.headers.get('content-range')?.startsWith(`bytes ${offset}-`)) {
    await response.body?.cancel();
    throw new SourceFailure('answered with another range than the one asked for');
  }
  if (!answeredRange && offset > 0) await part.restart();

  const length = response.headers.get('content-length');
  const expectedLength = fileBytes - part.bytes;
  const encoded = response.headers.has('content-encoding');
  if (length !== null && !encoded && Number(length) !== expectedLength) {
    await response.body?.cancel();
    throw new SourceFailure(`offers ${part.bytes + Number(length)} bytes instead of ${fileBytes}`);
  }
  return response;
}

type Watchdog = {
  readonly signal: AbortSignal;
  /** What ran out, once it did. */
  readonly expired: string | undefined;
  expect(withinMs: number, reason: string): void;
  rest(): void;
  close(): void;
};

/** One deadline at a time, on a signal that also follows the caller's. */
function createWatchdog(parent: AbortSignal): Watchdog {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let expired: string | undefined;
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  parent.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    expect(withinMs, reason) {
      clearTimeout(timer);
      timer = setTimeout(() => {
        expired = reason;
        controller.abort();
      }, withinMs);
    },
    rest() {
      clearTimeout(timer);
    },
    close() {
      clearTimeout(timer);
      parent.removeEventListener('abort', follow);
    },
  };
}

/** The part of a `fetch` error that says something: "fetch failed" hides it in the cause. */
function describeNetworkError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause;
  if (cause instanceof Error) return cause.message || ('code' in cause ? String(cause.code) : cause.name);
  return error.message;
}
