/** What calls that a realtime model behind a network holds may take; our own pipeline has limits of its own. */
export const speechToSpeechLimits = {
  /** Calls at once, over all models. */
  maxCalls: 16,
  /** The longest call. */
  maxCallMs: 1_800_000,
  /** Audio of replies that has arrived and is not due yet: five minutes of speech. */
  maxWaitingMs: 300_000,
} as const;
