/** What a call may take of this node. How many there may be at once is a setting. */
export type CallLimits = {
  /** From the goodbye of a call that is wound down to its end; then it is hung up. @defaultValue 8000 */
  readonly goodbyeMs: number;
  /** From hanging up to the end of a call's last write. @defaultValue 10000 */
  readonly endMs: number;
  /** Greetings that clients bring are rendered once; the oldest go. @defaultValue 16 */
  readonly maxCachedGreetings: number;
  /** One recording: 93 minutes, three times the longest call at real time. What follows is not kept. @defaultValue 512 MiB */
  readonly maxRecordingBytes: number;
  /** One event log. What follows is not kept. @defaultValue 64 MiB */
  readonly maxEventLogBytes: number;
  /** A disk that is further behind gets no more of this call; the call goes on. @defaultValue 32 MiB */
  readonly maxUnwrittenBytes: number;
};

export const callLimits: CallLimits = {
  goodbyeMs: 8_000,
  endMs: 10_000,
  maxCachedGreetings: 16,
  maxRecordingBytes: 512 * 1024 ** 2,
  maxEventLogBytes: 64 * 1024 ** 2,
  maxUnwrittenBytes: 32 * 1024 ** 2,
};
