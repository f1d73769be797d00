/** What the layers (speech, transcription, chat) take, over all dialects together. */
export type LayerLimits = {
  /** Text that is being spoken at once. @defaultValue 16 */
  readonly maxSpeeches: number;
  /** Text of one speech without a flush in it. @defaultValue 4096 */
  readonly maxSpeechCharacters: number;
  /** Live transcriptions at once. @defaultValue 16 */
  readonly maxLiveTranscriptions: number;
  /** Recordings that are transcribed at once; the others wait. @defaultValue 2 */
  readonly maxBatchTranscriptions: number;
  /** An uploaded file. @defaultValue 25 MiB, as OpenAI's */
  readonly maxUploadBytes: number;
  /** What a recording may last. @defaultValue 14400000, four hours */
  readonly maxRecordingMs: number;
  /**
   * Replies of the language model at once, beside those of calls: each has a context of its own, so that none takes a
   * call's place. @defaultValue 1
   */
  readonly maxChats: number;
  /** Requests that wait for one of the above; more are refused. @defaultValue 8 */
  readonly maxWaiting: number;
  /** How long they wait. @defaultValue 20000 */
  readonly maxWaitMs: number;
  /** An engine that gives nothing for this long has hung. @defaultValue 20000 */
  readonly stallMs: number;
};

export const defaultLayerLimits: LayerLimits = {
  maxSpeeches: 16,
  maxSpeechCharacters: 4_096,
  maxLiveTranscriptions: 16,
  maxBatchTranscriptions: 2,
  maxUploadBytes: 25 * 1024 ** 2,
  maxRecordingMs: 14_400_000,
  maxChats: 1,
  maxWaiting: 8,
  maxWaitMs: 20_000,
  stallMs: 20_000,
};
