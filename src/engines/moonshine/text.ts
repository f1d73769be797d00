import { digitsInWord } from './digit-words.js';

type Worded = { readonly text: string };

/** Nobody repeats a phrase of this many words without a pause even twice more; shorter ones take a fourth time. */
const longPhraseWords = 5;
const longestPhraseWords = 12;
/** A card number may have four zeros in a row, and nobody dictates nine. */
const timesOfDigit = 9;

/**
 * Models of this family fall into loops on noise. A phrase of up to twelve words that is said four times or more in a row
 * (three times, from five words; nine times, of a single digit) is kept once.
 */
export function dropRepetition<Word extends Worded>(heard: readonly Word[]): readonly Word[] {
  let words = heard;
  for (let length = 1; length <= longestPhraseWords; length++) {
    const kept: Word[] = [];
    let at = 0;
    while (at < words.length) {
      let times = 1;
      while (samePhrase(words, at, at + times * length, length)) times++;
      if (times >= timesThatLoop(words, at, length)) {
        kept.push(...words.slice(at, at + length));
        at += times * length;
      } else {
        kept.push(words[at] as Word);
        at += 1;
      }
    }
    words = kept;
  }
  return words;
}

function timesThatLoop(words: readonly Worded[], at: number, length: number): number {
  if (length >= longPhraseWords) return 3;
  return length === 1 && digitsInWord(plainWord(words[at]?.text)) === 1 ? timesOfDigit : 4;
}

function samePhrase(words: readonly Worded[], a: number, b: number, length: number): boolean {
  if (b + length > words.length) return false;
  for (let i = 0; i < length; i++) if (plainWord(words[a + i]?.text) !== plainWord(words[b + i]?.text)) return false;
  return true;
}

/** Without capitals and punctuation: what two hypotheses must agree on. */
export function plainWord(word: string | undefined): string {
  return (word ?? '').toLowerCase().replace(/[^\p{L}\p{N}']/gu, '');
}

/** @returns the words as a text: each without spaces, one space between them */
export function textOf(words: readonly Worded[]): string {
  return words.map(({ text }) => text).join(' ');
}
