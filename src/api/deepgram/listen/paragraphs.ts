import type { TranscribedWord } from '../../../ports/speech-to-text.js';
import { seconds } from './words.js';

/** A paragraph ends with a sentence that a pause follows, or that is one of so many. */
const paragraphPauseMs = 1_500;
const maxSentences = 5;

/** Sentences, gathered in paragraphs, with an empty line between two of them in the text. */
export function paragraphsOf(words: readonly TranscribedWord[]): object {
  const paragraphs: TranscribedWord[][][] = [];
  let sentence: TranscribedWord[] = [];
  const close = (): void => {
    if (sentence.length === 0) return;
    const last = paragraphs.at(-1);
    const before = last?.at(-1)?.at(-1);
    const pauseMs = (sentence[0]?.startMs ?? 0) - (before?.endMs ?? 0);
    if (last && last.length < maxSentences && pauseMs < paragraphPauseMs) last.push(sentence);
    else paragraphs.push([sentence]);
    sentence = [];
  };
  for (const word of words) {
    sentence.push(word);
    if (/[.!?…]$/.test(word.text)) close();
  }
  close();
  return {
    transcript: paragraphs.map((sentences) => sentences.map(textOf).join(' ')).join('\n\n'),
    paragraphs: paragraphs.map((sentences) => {
      const all = sentences.flat();
      return {
        sentences: sentences.map((each) => ({ text: textOf(each), ...timesOf(each) })),
        num_words: all.length,
        ...timesOf(all),
      };
    }),
  };
}

function textOf(words: readonly TranscribedWord[]): string {
  return words.map(({ text }) => text).join(' ');
}

function timesOf(words: readonly TranscribedWord[]): { readonly start: number; readonly end: number } {
  return { start: seconds(words[0]?.startMs ?? 0), end: seconds(words.at(-1)?.endMs ?? 0) };
}
