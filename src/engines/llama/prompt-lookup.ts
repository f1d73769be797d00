import type { Token } from 'node-llama-cpp';

/**
 * A spoken reply says much of its prompt again: the order that was just given, and the question of the examples. What
 * followed the same tokens before is computed along with the newest token, and kept as far as the model agrees: the
 * text is the same, in fewer steps. Of the replies to 12 recorded orders, 94 % of the guessed tokens held and a step gave
 * 2.5 tokens. A step of three takes about 1.9 times as long as a step of one on two threads (81 and 43 ms), but 2.8
 * times on one (111 and 40 ms), where looking ahead gains nothing.
 *
 * Source: prompt lookup decoding (A. Saxena, 2023).
 */
export const lookAheadTokens = 2;

/** A guess from fewer tokens in common is more often wrong than right. */
const shortestMatch = 2;
const longestMatch = 3;

/** What followed the last occurrence of the newest tokens; nothing where there was none. */
export function guessNext(tokens: readonly Token[], count: number): Token[] {
  if (count <= 0) return [];
  for (let length = longestMatch; length >= shortestMatch; length--) {
    const suffix = tokens.length - length;
    for (let at = suffix - 1; at >= 0; at--) {
      let same = 0;
      while (same < length && tokens[at + same] === tokens[suffix + same]) same++;
      if (same === length) return tokens.slice(at + length, at + length + count);
    }
  }
  return [];
}
