import type { Beginning } from '../../ports/speech-to-text.js';
import { wordsIn } from '../turn/overlap-words.js';

/**
 * Which share of the words that were heard the agent was saying itself, 0..1; undefined when it said nothing. A word
 * counts as often as it was said.
 */
export function shareOfOurs(heard: string, said: readonly string[]): number | undefined {
  const words = wordsIn(heard);
  if (said.length === 0 || words.length === 0) return undefined;
  const left = new Map<string, number>();
  for (const word of said.flatMap(wordsIn)) left.set(word, (left.get(word) ?? 0) + 1);
  let ours = 0;
  for (const word of words) {
    const times = left.get(word) ?? 0;
    if (times === 0) continue;
    left.set(word, times - 1);
    ours += 1;
  }
  return Math.round((100 * ours) / words.length) / 100;
}

/** Those that no word begins with that the agent was saying itself. */
export function beginningsOfOthers(beginnings: readonly Beginning[], said: readonly string[]): Beginning[] {
  const ours = said.flatMap(wordsIn);
  return beginnings.filter(({ text }) => {
    const [piece] = wordsIn(text);
    return piece !== undefined && !ours.some((word) => word.startsWith(piece));
  });
}
