/** How long a remote service may take. None of these was measured: they are what a call can bear. */
export type RemoteDeadlines = {
  /** From the request to its first event or byte of audio, connecting included. @defaultValue 4000 */
  readonly firstByteMs: number;
  /** Between two events or pieces of audio. @defaultValue 2500 */
  readonly idleMs: number;
  /** A service that asks to wait (Retry-After) for no longer than this is waited for, once. @defaultValue 500 */
  readonly maxRetryAfterMs: number;
};

export const defaultRemoteDeadlines: RemoteDeadlines = { firstByteMs: 4_000, idleMs: 2_500, maxRetryAfterMs: 500 };

/** What of a remote service is taken into memory. */
export const remoteLimits = {
  /** One server-sent event, or one message of a socket. */
  maxEventBytes: 1_048_576,
  /** Answers that are not streamed, such as a transcript. */
  maxBodyBytes: 4_194_304,
  /** Of a refusal, for its message. */
  maxRefusalBytes: 16_384,
  /** Audio of one clause. */
  maxAudioBytes: 67_108_864,
  /** Audio and messages that wait for the service to read them. */
  maxUnsentBytes: 2_097_152,
  /** Calls of tools in one reply, and characters of all of them. */
  maxCalls: 64,
  maxCallCharacters: 262_144,
  /** Messages that wait to be looked at. */
  maxMessages: 4_096,
  /** Of an utterance, so that it can be transcribed again after a connection is lost. */
  maxUtteranceMs: 120_000,
  /** A peer that answers no ping until the next is gone. */
  pingIntervalMs: 10_000,
} as const;
