import { createInterface } from 'node:readline';
import { ParleyError } from '../ports/errors.js';

/** Where lines come from: a terminal, a pipe or a file. */
export type LineInput = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Lines of a terminal, which edits them itself, until Ctrl-D or the signal. */
export async function* terminalLines(input: LineInput, signal: AbortSignal): AsyncGenerator<string> {
  const lines = createInterface({ input, terminal: false });
  const close = (): void => lines.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    if (!signal.aborted) yield* lines;
  } finally {
    signal.removeEventListener('abort', close);
    lines.close();
  }
}

/**
 * Lines of what is piped in, until its end or the signal; the last one may lack its line feed. Reads no further than
 * lines are taken.
 * @throws ParleyError `chat.line_too_long` before more than `maxBytes` of one line are kept
 */
export async function* pipedLines(input: LineInput, maxBytes: number, signal: AbortSignal): AsyncGenerator<string> {
  const chunks = input[Symbol.asyncIterator]();
  const stopped = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  let rest = Buffer.alloc(0);
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), stopped]);
      if (next === undefined) return;
      if (next.done) break;
      rest = Buffer.concat([rest, Buffer.from(next.value)]);
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const line = textOf(rest.subarray(0, end), maxBytes);
        rest = rest.subarray(end + 1);
        yield line;
      }
      // What has no end yet is not kept without bound.
      textOf(rest, maxBytes);
    }
    if (rest.length > 0) yield textOf(rest, maxBytes);
  } finally {
    // A source that goes on must not keep the process.
    if ('destroy' in input && typeof input.destroy === 'function') input.destroy();
  }
}

function textOf(line: Buffer, maxBytes: number): string {
  if (line.length > maxBytes) throw lineTooLong(line.length, maxBytes);
  return line.toString('utf8').replace(/\r$/, '');
}

export function lineTooLong(bytes: number, maxBytes: number): ParleyError {
  return new ParleyError(
    `A line has ${bytes} bytes or more; one turn may have ${maxBytes}. Write it as several lines, or give instructions with --prompt FILE.`,
    { code: 'chat.line_too_long', status: 413 },
  );
}
