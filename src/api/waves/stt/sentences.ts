import type { TranscribedWord } from '../../../ports/speech-to-text.js';

export type Sentence = { readonly text: string; readonly startMs: number; readonly endMs: number };

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Words with their times, sentence by sentence. Without punctuation all of them are one. */
export function sentencesOf(words: readonly TranscribedWord[]): readonly Sentence[] {
  const text = words.map((word) => word.text).join(' ');
  const ends = [...segmenter.segment(text)].map(({ index, segment }) => index + segment.trimEnd().length);
  const sentences: Sentence[] = [];
  let said: TranscribedWord[] = [];
  let reached = -1;
  for (const [index, word] of words.entries()) {
    said.push(word);
    reached += 1 + word.text.length;
    if (reached < (ends[0] ?? 0) && index < words.length - 1) continue;
    sentences.push({
      text: said.map((each) => each.text).join(' '),
      startMs: said[0]?.startMs ?? word.startMs,
      endMs: word.endMs,
    });
    said = [];
    // An end within a word is that of the word.
    while ((ends[0] ?? Number.POSITIVE_INFINITY) <= reached) ends.shift();
  }
  return sentences;
}
