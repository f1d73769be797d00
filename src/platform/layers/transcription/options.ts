import type { Keyword } from '../../../ports/speech-to-text.js';
import type { TextFormOptions } from '../../text-forms/text-forms.js';

/** The weight of a keyword whose client names none: of those that made nothing up, the one that found most. */
export const usualKeywordWeight = 4;

/** How a transcript is to be written. */
export type TranscriptOptions = TextFormOptions & {
  /** A language tag, or undefined where the model's own is taken. */
  readonly language?: string | undefined;
  /** Phrases that are likely to be said. @defaultValue none */
  readonly keywords?: readonly Keyword[] | undefined;
};
