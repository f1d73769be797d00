import { digitsInWord } from './digit-words.js';
import { plainWord } from './text.js';
import type { VoicedStretch } from './voiced-stretches.js';

const leastDigits = 2;
/** Of the words, digits among them: a recogniser without a prior for digits loses every other one. */
const leastShare = 1 / 3;
/** Speech that is not dictated has fewer and longer stretches without a pause. */
const leastStretches = 3;
const longestMeanMs = 900;

/**
 * Whether what was heard is a number that is dictated with pauses: short stretches of voice, and digits for a good part
 * of what the recogniser made of them.
 */
export function isDictation(words: readonly { readonly text: string }[], stretches: readonly VoicedStretch[]): boolean {
  if (stretches.length < leastStretches) return false;
  const voiced = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  if (voiced / 16 / stretches.length > longestMeanMs) return false;
  let digits = 0;
  let wordsWithDigits = 0;
  for (const { text } of words) {
    const inWord = digitsInWord(plainWord(text));
    digits += inWord;
    if (inWord > 0) wordsWithDigits += 1;
  }
  return digits >= leastDigits && wordsWithDigits >= leastShare * words.length;
}
