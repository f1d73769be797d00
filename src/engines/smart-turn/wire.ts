/** The model was trained on the last eight seconds of the turn. */
export const lookBackMs = 8_000;

export type SmartTurnInit = { readonly modelPath: string };

/** At most {@link lookBackMs} of 16 kHz audio. Answered by the probability. */
export type SmartTurnRequest = { readonly samples: Float32Array };
