import type { TranscribedWord } from '../../../ports/speech-to-text.js';

export type WordOptions = {
  /** Whether words are also given as they are written, with capital letters and punctuation. */
  readonly written: boolean;
};

export function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}

/** A word as Deepgram gives it: `word` is bare, `punctuated_word` as it stands in the transcript. */
export function wordOf({ text, startMs, endMs, confidence }: TranscribedWord, { written }: WordOptions) {
  return {
    word: bare(text),
    start: seconds(startMs),
    end: seconds(endMs),
    confidence: round(confidence),
    ...(written ? { punctuated_word: text } : {}),
  };
}

/** A label such as `[CARD]` and what has nothing but marks stay as they are. */
function bare(text: string): string {
  const word = text.toLowerCase().replaceAll(/^[^\p{L}\p{N}$€£+*[]+|[^\p{L}\p{N}%*\]]+$/gu, '');
  return word === '' ? text : word;
}

/** One of the ways to read what was said: there is one. */
export function alternativeOf(text: string, words: readonly TranscribedWord[], options: WordOptions) {
  return {
    transcript: text,
    confidence: round(meanConfidence(words)),
    words: words.map((word) => wordOf(word, options)),
  };
}

export function meanConfidence(words: readonly TranscribedWord[]): number {
  return words.length === 0 ? 0 : words.reduce((sum, { confidence }) => sum + confidence, 0) / words.length;
}

export function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
