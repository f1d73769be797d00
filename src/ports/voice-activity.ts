/** Says, window by window, how likely it is that somebody is speaking. */
export type VoiceActivity = {
  readonly name: string;
  /** Opens the detector's memory for one call. */
  open(options: { readonly callId: string }): VoiceActivityStream;
  close(): Promise<void>;
};

/** 32 ms at 16 kHz: what every detector here consumes. */
export const vadWindowSamples = 512;
export const vadRateHz = 16_000;
export const vadWindowMs = 32;

export type VoiceActivityStream = {
  /**
   * @param window exactly {@link vadWindowSamples} samples at {@link vadRateHz}
   * @returns probability of speech, 0..1; windows answer in the order they were given
   */
  push(window: Float32Array): Promise<number>;
  close(): void;
};
