/** What `window.parleyTalk.stats` of the talk page tells a test: `CallStats` of the studio. */
export type PageStats = {
  readonly activity: string;
  readonly turns: number;
  readonly contextRateHz: number;
  readonly sentFrames: number;
  readonly skippedFrames: number;
  readonly playback: {
    readonly receivedMs: number;
    readonly playedMs: number;
    readonly flushedMs: number;
    readonly flushes: number;
    readonly ranDry: number;
    readonly droppedSamples: number;
    readonly maxPeak: number;
  };
  readonly truncations: readonly { readonly itemId: string; readonly heardMs: number }[];
};
