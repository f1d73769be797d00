/** Judges from the sound of the turn's last seconds whether the caller has finished what they were saying. */
export type EndOfTurn = {
  readonly name: string;
  /** How much audio before "now" the model looks at. */
  readonly lookBackMs: number;
  /**
   * @param samples the turn so far, 16 kHz mono; only the last {@link lookBackMs} count
   * @returns probability, 0..1, that the turn is complete
   */
  predict(samples: Float32Array, options: { readonly signal: AbortSignal }): Promise<EndOfTurnResult>;
  close(): Promise<void>;
};

export type EndOfTurnResult = { readonly probability: number; readonly computeMs: number };
