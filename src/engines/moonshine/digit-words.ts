import { digitWords } from '../../language/number-words.js';

/** Digits as they are said, one by one. */
export const spokenDigitWords: readonly string[] = [...digitWords, 'oh'];

const single: ReadonlySet<string> = new Set(spokenDigitWords);

/** How many digits a word is, in letters or figures. @param word without capitals and punctuation */
export function digitsInWord(word: string): number {
  return single.has(word) ? 1 : word.replaceAll(/\D/g, '').length;
}
