import { type TextCue, textCue } from './text-cues.js';

/** The end-of-turn model's answer about a silence of this length. */
export type Look = { readonly silenceMs: number; readonly probability: number };

/**
 * Log-odds that a turn is complete: one row for each number of looks that were taken (the last row for more), with what
 * the transcript's end adds. Fitted by `npm run bench -- endpointing` on one half of the speakers; the table below is its
 * output.
 */
export type CompletenessModel = {
  readonly byLooks: readonly { readonly base: number; readonly looks: readonly number[] }[];
  readonly cues: Readonly<Record<TextCue, number>>;
  /** Two words or fewer. */
  readonly fewWords: number;
};

export const completenessModel: CompletenessModel = {
  byLooks: [
    { base: 0, looks: [1] },
    { base: 0, looks: [0.5, 0.5] },
    { base: 0, looks: [0.4, 0.3, 0.3] },
  ],
  cues: { none: 0, filler: -3, open: -3, attributive: -2, number: -1, comma: -1, question: 0.5, plain: 0 },
  fewWords: -1,
};

/** The model is never surer than this of anything. */
const leastProbability = 0.005;

/**
 * Probability, 0..1, that the turn is complete after these looks and words; undefined without a look. Logistic
 * regression (Berkson 1944) on the log-odds of the looks.
 */
export function completeness(
  looks: readonly Look[],
  text: string,
  model: CompletenessModel = completenessModel,
): number | undefined {
  if (looks.length === 0) return undefined;
  const row = model.byLooks[Math.min(looks.length, model.byLooks.length) - 1];
  if (!row) return undefined;
  const heard = row.looks.reduce((sum, weight, index) => sum + weight * logOdds(looks[index]?.probability ?? 0.5), 0);
  const few = text.trim().split(/\s+/).length <= 2 ? model.fewWords : 0;
  return 1 / (1 + Math.exp(-(row.base + heard + model.cues[textCue(text)] + few)));
}

export function logOdds(probability: number): number {
  const bounded = Math.min(1 - leastProbability, Math.max(leastProbability, probability));
  return Math.log(bounded / (1 - bounded));
}
