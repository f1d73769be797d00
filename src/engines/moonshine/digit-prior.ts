import { spokenDigitWords } from './digit-words.js';

/** What turns the logits of the next token into others, in place, given the tokens before it. */
export type LogitBias = (logits: Float32Array, tokens: readonly number[]) => void;

/**
 * How much likelier, in nats, a list of digits is than anything else. On 48 dictated numbers 4 to 12 did the same, 2 left
 * loops in; a word that is clearly another comes through.
 */
const bonus = 6;

/**
 * A prior for decoding dictated digits: digit, comma, digit, ... Digits that are said alone are too short for the
 * decoder to recognise them without it ("pick one" for "six, one").
 *
 * @param encodeText the tokens of a text that begins a word
 */
export function digitPrior(encodeText: (text: string) => readonly number[] | undefined, endToken: number): LogitBias {
  const encode = (text: string): readonly number[] => encodeText(text) ?? [];
  const spelled = spokenDigitWords.flatMap((word) => [
    encode(word),
    encode(word.charAt(0).toUpperCase() + word.slice(1)),
  ]);
  const separators = [',', '.'].flatMap((mark) => encode(`a${mark}`).slice(-1));
  const starts = [...new Set(spelled.flatMap((tokens) => tokens.slice(0, 1)))];
  const longest = Math.max(...spelled.map(({ length }) => length));
  const expectedAfter = (tokens: readonly number[]): readonly number[] => {
    const last = tokens.at(-1);
    if (last === undefined) return starts;
    if (separators.includes(last)) return [...starts, endToken];
    for (let length = Math.min(longest, tokens.length); length > 0; length--) {
      const tail = tokens.slice(-length);
      const begun = spelled.filter((word) => tail.every((token, index) => word[index] === token));
      if (begun.length === 0) continue;
      const next = begun.flatMap((word) => word.slice(length, length + 1));
      return begun.some((word) => word.length === length) ? [...next, ...separators, endToken] : next;
    }
    return starts;
  };
  return (logits, tokens) => {
    for (const token of expectedAfter(tokens)) logits[token] = (logits[token] ?? 0) + bonus;
  };
}
