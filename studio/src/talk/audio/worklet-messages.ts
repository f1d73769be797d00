/** Names under which the worklets register their processors. */
export const captureProcessor = 'parley-capture';
export const playbackProcessor = 'parley-playback';

/** What the page tells the playback worklet. Samples are at the context's rate. */
export type PlaybackRequest =
  | { readonly type: 'audio'; readonly item: string; readonly samples: Float32Array }
  | { readonly type: 'flush'; readonly flush: number };

/** Samples played of each item since the last report. */
type Played = readonly (readonly [item: string, samples: number])[];

export type PlaybackReport =
  | {
      readonly type: 'report';
      readonly played: Played;
      readonly queuedSamples: number;
      readonly peak: number;
      /** How often the queue ran empty in the middle of a block. */
      readonly ranDry: number;
      readonly droppedSamples: number;
    }
  | {
      readonly type: 'flushed';
      readonly flush: number;
      readonly played: Played;
      readonly droppedSamples: number;
    };
