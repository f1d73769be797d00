import type { TranscribedWord } from '../../ports/speech-to-text.js';

/**
 * Models of this family fall into loops on noise. A phrase of one to six words said four times or more in a row is kept
 * once.
 */
export function dropRepetition(text: string): string {
  let words = text.split(/\s+/).filter((word) => word !== '');
  for (let length = 1; length <= 6; length++) {
    const kept: string[] = [];
    let at = 0;
    while (at < words.length) {
      let times = 1;
      while (samePhrase(words, at, at + times * length, length)) times++;
      if (times >= 4) {
        kept.push(...words.slice(at, at + length));
        at += times * length;
      } else {
        kept.push(words[at] as string);
        at += 1;
      }
    }
    words = kept;
  }
  return words.join(' ');
}

function samePhrase(words: readonly string[], a: number, b: number, length: number): boolean {
  if (b + length > words.length) return false;
  for (let i = 0; i < length; i++) if (plain(words[a + i]) !== plain(words[b + i])) return false;
  return true;
}

function plain(word: string | undefined): string {
  return (word ?? '').toLowerCase().replace(/[^\p{L}\p{N}']/gu, '');
}

/** Joins the text of settled windows with that of the live one. */
export function joinText(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/** Spreads words over a stretch of speech in proportion to their length: an estimate, for want of an alignment. */
export function spreadWords(text: string, fromMs: number, toMs: number): TranscribedWord[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const weights = words.map((word) => plain(word).length + 1.5);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let at = fromMs;
  return words.map((word, index) => {
    const startMs = at;
    at += ((weights[index] as number) / total) * (toMs - fromMs);
    return { text: word, startMs: Math.round(startMs), endMs: Math.round(at) };
  });
}
