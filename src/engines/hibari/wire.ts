import type { SpokenWord } from '../../ports/text-to-speech.js';

export type HibariInit = { readonly modelDir: string };

/** Speaks the next piece of a job; `text` comes with the first. Answered by {@link SpokenPiece}. */
export type SpeakPiece = {
  readonly job: number;
  readonly start?: {
    readonly text: string;
    readonly speed: number;
    readonly continues: boolean;
    readonly after: string;
  };
};

export type SpokenPiece =
  | { readonly done: true }
  | {
      readonly done: false;
      readonly samples: Float32Array;
      readonly rateHz: number;
      readonly words: readonly SpokenWord[];
    };

export type DropJob = { readonly job: number };
