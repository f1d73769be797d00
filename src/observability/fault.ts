/** An error and what caused it, outermost first, as fields of a log line. */
export type FaultFields = {
  readonly detail: string;
  readonly causes: readonly { readonly name: string; readonly code?: string; readonly message: string }[];
  readonly stack?: string;
};

/** A chain of causes longer than this is one that goes in a circle. */
const mostCauses = 8;

/**
 * What happened and why. Of what an error carries besides, nothing is taken: it may be what somebody said.
 * @param options.stack whether to add where the innermost cause was thrown
 */
export function faultFields(error: unknown, options: { readonly stack: boolean }): FaultFields {
  const chain = chainOf(error);
  const innermost = chain.at(-1);
  const stack = options.stack && innermost instanceof Error ? innermost.stack : undefined;
  return {
    detail: messageOf(error),
    causes: chain.slice(1).map((cause) => {
      const code = codeOf(cause);
      const name = cause instanceof Error ? cause.name : typeof cause;
      return { name, ...(code === undefined ? {} : { code }), message: messageOf(cause) };
    }),
    ...(stack === undefined ? {} : { stack }),
  };
}

function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [error];
  for (let last = error; last instanceof Error && last.cause !== undefined && chain.length < mostCauses; ) {
    last = last.cause;
    chain.push(last);
  }
  return chain;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
