import { agentLimits } from '../../../agents/definition.js';

/** What a realtime endpoint bears. */
export type RealtimeLimits = {
  /** Open sockets; calls are limited by whoever admits them. @defaultValue 64 */
  readonly maxConnections: number;
  /** Caller audio that waits to be heard, per connection; the socket is not read while a quarter waits. @defaultValue 60000 */
  readonly maxQueuedAudioMs: number;
  /** Output that the client has not read; more closes the socket with 1008. @defaultValue 2 MiB, half a minute of audio */
  readonly maxBufferedBytes: number;
  /** Faster clients are slowed down; pings count as events. @defaultValue 2000 */
  readonly maxEventsPerSecond: number;
  /** Conversation items that can be referred to; the oldest are forgotten first. @defaultValue 1000 */
  readonly maxItems: number;
  /** A peer that does not answer one ping before the next is gone. @defaultValue 20000 */
  readonly pingIntervalMs: number;
  /** How long a peer may take to agree to a close. @defaultValue 2000 */
  readonly closeTimeoutMs: number;
  /**
   * A client that sends nothing gets the default agent after this long. It has to cover the way there and back of a
   * client's settings, which come when it has seen `session.created`. @defaultValue 1000
   */
  readonly admitAfterMs: number;
  /** From asking for a call to its beginning; later is refused. @defaultValue 15000 */
  readonly admitTimeoutMs: number;
  /** How long a call waits for a client that has lost its connection and may resume it. @defaultValue 15000 */
  readonly resumeMs: number;
  /** Events that are kept to be sent again to a client that resumes; audio is not. @defaultValue 512 */
  readonly maxKeptEvents: number;
  /** Their length together. @defaultValue 256 KiB */
  readonly maxKeptBytes: number;
  /** What a call uses is counted for its key this often, so that a crash loses little. @defaultValue 60000 */
  readonly countUsageMs: number;
};

export const defaultRealtimeLimits: RealtimeLimits = {
  maxConnections: 64,
  maxQueuedAudioMs: 60_000,
  maxBufferedBytes: 2 * 1024 ** 2,
  maxEventsPerSecond: 2_000,
  maxItems: 1_000,
  pingIntervalMs: 20_000,
  closeTimeoutMs: 2_000,
  admitAfterMs: 1_000,
  admitTimeoutMs: 15_000,
  resumeMs: 15_000,
  maxKeptEvents: 512,
  maxKeptBytes: 256 * 1024,
  countUsageMs: 60_000,
};

/** What one message of a client may be. */
export const messageLimits = {
  /** A message of more closes the socket with 1009. */
  maxMessageBytes: 4 * 1024 ** 2,
  /** Frames of one message, and pieces of one frame as the network delivers them; more closes with 1008. */
  maxFragments: 4_096,
  maxChunks: 16_384,
  /** Objects and arrays within one another. */
  maxJsonDepth: 32,
  /** Values, members and elements of one event. */
  maxJsonValues: 20_000,
  /** Audio of one `input_audio_buffer.append`: half of what may wait. */
  maxAppendMs: 30_000,
  /** JSON that is only sent back: tracing, a tool. */
  maxEchoedCharacters: 16 * 1024,
  /** Text of a prompt. */
  maxInstructionsBytes: agentLimits.instructionsBytes,
  /** Text of a greeting. */
  maxGreetingBytes: agentLimits.greetingBytes,
  /** Text of one item. */
  maxItemBytes: 16 * 1024,
  /** Text of all items that a client adds to one conversation. */
  maxConversationBytes: 1024 ** 2,
  /** Tools of a session or a response. */
  maxTools: 64,
  /** Items that a response outside of the conversation answers. */
  maxInputItems: 256,
  /** Responses outside of the conversation that wait or are written; one is written at a time. */
  maxAsides: 8,
} as const;
