/** What `window.parleyPage.stats` of the page at `/` tells a test. */
export type PageStats = {
  readonly state: string;
  readonly turns: number;
  readonly p50Ms?: number;
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
