import type { SpokenWord } from '../../ports/text-to-speech.js';
import type { Pronunciation } from './dictionaries.js';
import { type Change, restorer } from './restored-words.js';

/** Text as a voice is to read it, and the way back. */
export type Respelled = {
  readonly text: string;
  /** Puts words as they were written in the place of those that were read for them. Words come in the order of the text. */
  restore(words: readonly SpokenWord[]): readonly SpokenWord[];
};

/** Writes a text so that a voice reads it as it should be. */
export type Respell = (text: string) => Respelled;

/** Changes nothing, but names words as they were written where the voice reads them otherwise. */
export const asWritten: Respell = (text) => ({ text, restore: restorer(text, []) });

/**
 * Writes words as they are to be read. Only whole words are found, longer ones before shorter, and upper case is not lower
 * case; where a word is there twice, the first one counts.
 */
export function respelling(items: readonly Pronunciation[]): Respell | undefined {
  const read = new Map<string, string>();
  for (const { word, pronunciation } of items) if (!read.has(word)) read.set(word, pronunciation);
  if (read.size === 0) return undefined;
  const lengths = [...new Set([...read.keys()].map(({ length }) => length))].sort((a, b) => b - a);
  return (text) => {
    let respelled = '';
    let behind = 0;
    const changes: Change[] = [];
    for (let at = 0; at < text.length; at += 1) {
      const written = wordAt(text, at, { read, lengths });
      if (written === undefined) continue;
      respelled += text.slice(behind, at);
      const start = respelled.length;
      respelled += read.get(written) ?? written;
      changes.push({ start, end: respelled.length, written });
      behind = at + written.length;
      at = behind - 1;
    }
    respelled += text.slice(behind);
    return { text: respelled, restore: restorer(respelled, changes) };
  };
}

/** Looked up by length: thousands of words cost no more than a few. */
function wordAt(
  text: string,
  at: number,
  { read, lengths }: { readonly read: ReadonlyMap<string, string>; readonly lengths: readonly number[] },
): string | undefined {
  if (endsInWord(text.slice(Math.max(0, at - 2), at))) return undefined;
  for (const length of lengths) {
    const word = text.slice(at, at + length);
    if (word.length === length && read.has(word) && !beginsInWord(text.slice(at + length, at + length + 2)))
      return word;
  }
  return undefined;
}

/** Beside a word there is no letter, digit or mark that belongs to one, in whichever alphabet. */
const endsInWord = (text: string): boolean => /[\p{L}\p{M}\p{N}_]$/u.test(text);
const beginsInWord = (text: string): boolean => /^[\p{L}\p{M}\p{N}_]/u.test(text);
