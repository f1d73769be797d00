import type { Beginning, Keyword } from '../../ports/speech-to-text.js';

/** Messages between the Moonshine client and its host. */
export type MoonshineInit = { readonly modelDir: string };

/** Runs the encoder and, as far as `budgetMs` reaches, the decoder. Answered by {@link DecodingState}. */
export type BeginDecoding = {
  readonly job: number;
  readonly samples: Float32Array;
  readonly budgetMs: number;
  /** Tokens that will probably come. */
  readonly draft: readonly number[];
  /** What is said is a list of digits, more likely than not. */
  readonly digits: boolean;
  readonly keywords: readonly Keyword[];
};

export type StepDecoding = { readonly job: number; readonly budgetMs: number };

export type DropDecoding = { readonly job: number };

/** A word as the recogniser heard it; times from the first sample it was given. */
export type HeardWord = {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Geometric mean of the softmax probabilities of its tokens, 0..1. */
  readonly confidence: number;
  /** What it is written with, for the draft of a later decoding. */
  readonly tokens: readonly number[];
};

/** What was heard in some audio, and how else it may begin. */
export type Heard = { readonly words: readonly HeardWord[]; readonly beginnings: readonly Beginning[] };

/** What was heard is there once `done`. */
export type DecodingState = Heard & { readonly done: boolean };
