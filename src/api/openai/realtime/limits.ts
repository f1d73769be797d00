/** What a realtime endpoint bears. */
export type RealtimeLimits = {
  /** Open sockets; calls are limited by whoever admits them. @defaultValue 64 */
  readonly maxConnections: number;
  /** Caller audio that waits to be heard, per connection. @defaultValue 600000 */
  readonly maxQueuedAudioMs: number;
  /** Output that the client has not read. @defaultValue 2 MiB, half a minute of audio */
  readonly maxBufferedBytes: number;
  /** Faster clients are slowed down. @defaultValue 2000 */
  readonly maxEventsPerSecond: number;
  /** Conversation items that can be referred to; the oldest are forgotten first. @defaultValue 1000 */
  readonly maxItems: number;
  /** @defaultValue 20000 */
  readonly pingIntervalMs: number;
  /** @defaultValue 2000 */
  readonly closeTimeoutMs: number;
  /**
   * A client that sends nothing gets the default agent after this long. It has to cover the way there and back of a
   * client's settings, which come when it has seen `session.created`. @defaultValue 1000
   */
  readonly admitAfterMs: number;
  /** @defaultValue 15000 */
  readonly admitTimeoutMs: number;
};

export const defaultRealtimeLimits: RealtimeLimits = {
  maxConnections: 64,
  maxQueuedAudioMs: 600_000,
  maxBufferedBytes: 2 * 1024 ** 2,
  maxEventsPerSecond: 2_000,
  maxItems: 1_000,
  pingIntervalMs: 20_000,
  closeTimeoutMs: 2_000,
  admitAfterMs: 1_000,
  admitTimeoutMs: 15_000,
};

/** One message of a client. */
export const maxMessageBytes = 16 * 1024 ** 2;
/** Base64 characters of one `input_audio_buffer.append`. */
export const maxAppendCharacters = 15 * 1024 ** 2;
/** JSON that is only sent back: tracing, a tool. */
export const maxEchoedCharacters = 16 * 1024;
/** A prompt, a greeting, or a text item. */
export const maxTextBytes = 64 * 1024;
