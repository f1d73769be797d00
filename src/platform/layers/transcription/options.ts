import { keywordLimits, usualKeywordWeight } from '../../../ports/keyword-limits.js';
import type { Keyword } from '../../../ports/speech-to-text.js';
import type { TextFormOptions } from '../../text-forms/text-forms.js';

/** What a step of a multiplier above 1 adds, in nats. */
const natsPerStep = 0.5;

/**
 * The weight of a keyword with a multiplier, as several products have them. 1 is the usual weight, and below 1 it is that
 * much less. They advise at most 3, which is then the weight 5 from which on phrases were made up (docs/decisions/0026).
 * @param multiplier above 0
 */
export function keywordWeight(multiplier: number): number {
  const weight =
    multiplier <= 1 ? usualKeywordWeight * multiplier : usualKeywordWeight + (multiplier - 1) * natsPerStep;
  return Math.min(keywordLimits.weight, weight);
}

/** How a transcript is to be written. */
export type TranscriptOptions = TextFormOptions & {
  /** A language tag, or undefined where the model's own is taken. */
  readonly language?: string | undefined;
  /** Phrases that are likely to be said. @defaultValue none */
  readonly keywords?: readonly Keyword[] | undefined;
};
