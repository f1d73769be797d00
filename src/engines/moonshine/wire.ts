/** Messages between the Moonshine client and its host. */
export type MoonshineInit = { readonly modelDir: string };

/** Runs the encoder and, as far as `budgetMs` reaches, the decoder. Answered by {@link DecodingState}. */
export type BeginDecoding = { readonly job: number; readonly samples: Float32Array; readonly budgetMs: number };

export type StepDecoding = { readonly job: number; readonly budgetMs: number };

export type DropDecoding = { readonly job: number };

export type DecodingState = { readonly done: boolean; readonly text: string };
