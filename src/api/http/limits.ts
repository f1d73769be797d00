/** What a request to a layer may take of its connection, where that is more than other requests may. */
export const requestLimits = {
  /** An answer that is worked on in silence, such as the transcript of a long recording. */
  answerMs: 900_000,
  /** A client that does not read what is streamed to it. */
  streamIdleMs: 60_000,
  /** The body of a request in JSON. */
  maxJsonBytes: 1024 ** 2,
  maxJsonDepth: 48,
  maxJsonValues: 50_000,
  /** Files that are uploaded or decoded at once; the others wait. */
  maxUploads: 4,
  maxWaitingUploads: 8,
  /** Fields of a form, and the length of each. */
  maxFormFields: 64,
  maxFieldBytes: 16 * 1024,
} as const;
