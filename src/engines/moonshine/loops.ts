/** Loops are looked for up to this length: a phrase of twelve words. */
const longestLoop = 24;
/** Nobody says the same digit, with a comma, so often in a row; a card number has four zeros. */
const timesOfShort = 9;
const shortLoop = 3;
/** A longer phrase, word for word and without a pause. */
const timesOfLong = 4;

/**
 * Whether a decoding has begun to repeat itself, which it then does until it is stopped.
 *
 * @returns how many of the tokens to keep, with the loop once; undefined where there is no loop
 */
export function loopBegins(tokens: readonly number[]): number | undefined {
  for (let length = 1; length <= longestLoop; length++) {
    const times = length <= shortLoop ? timesOfShort : timesOfLong;
    const from = tokens.length - length * times;
    if (from < 0) continue;
    let same = true;
    for (let at = from + length; same && at < tokens.length; at++) same = tokens[at] === tokens[at - length];
    if (same) return from + length;
  }
  return undefined;
}
