import type { Keyword, TranscribedWord } from '../../../ports/speech-to-text.js';

/** The weight of a keyword whose client names none: of those that made nothing up, the one that found most. */
export const usualKeywordWeight = 4;

/** What is taken out of a transcript: what tells who somebody is, and what pays for something. */
export const redactions = ['pii', 'pci'] as const;
export type Redaction = (typeof redactions)[number];

/** How a transcript is to be written. */
export type TranscriptOptions = {
  /** A language tag, or undefined where the model's own is taken. */
  readonly language?: string | undefined;
  /** Phrases that are likely to be said. @defaultValue none */
  readonly keywords?: readonly Keyword[] | undefined;
  /** @defaultValue true */
  readonly punctuation?: boolean | undefined;
  /** Numbers in digits. @defaultValue as the model writes them */
  readonly numerals?: boolean | undefined;
  /** Capital letters. @defaultValue true */
  readonly casing?: boolean | undefined;
  /** Swear words are masked. @defaultValue false */
  readonly profanityFilter?: boolean | undefined;
  /** @defaultValue none */
  readonly redact?: readonly Redaction[] | undefined;
};

/** Words and the text that they make. */
export type TranscriptForm = { readonly text: string; readonly words: readonly TranscribedWord[] };

/** Writes a transcript as the options say. Pure. */
export type WriteTranscript = (heard: TranscriptForm, options: TranscriptOptions) => TranscriptForm;

/** As the model has it. */
export const asHeard: WriteTranscript = (heard) => heard;
