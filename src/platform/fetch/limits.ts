/** What is read from an address that a client names. */
export const fetchLimits = {
  /** Addresses that one leads to another. */
  maxRedirects: 3,
  maxUrlCharacters: 2_048,
  /** Until there is an answer, each time. */
  answerMs: 15_000,
  /** Between two pieces of it. */
  idleMs: 15_000,
  /** All of it, with what it is led to. */
  totalMs: 120_000,
} as const;

export type FetchLimits = { readonly [K in keyof typeof fetchLimits]: number };
