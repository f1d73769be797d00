import type { SpokenWord } from '../../ports/text-to-speech.js';
import type { Pronunciation } from './dictionaries.js';

/** Text as a voice is to read it, and the way back. */
export type Respelled = {
  readonly text: string;
  /** Puts words as they were written in the place of those that were read for them. */
  restore(words: readonly SpokenWord[]): readonly SpokenWord[];
};

/** Writes a text so that a voice reads it as it should be. */
export type Respell = (text: string) => Respelled;

type Change = { readonly written: string; readonly read: readonly string[] };

/**
 * Writes words as they are to be read. Only whole words are found, longer ones before shorter, and upper case is not lower
 * case; where a word is there twice, the first one counts.
 */
export function respelling(items: readonly Pronunciation[]): Respell | undefined {
  const read = new Map<string, string>();
  for (const { word, pronunciation } of items) if (!read.has(word)) read.set(word, pronunciation);
  if (read.size === 0) return undefined;
  const words = [...read.keys()].sort((a, b) => b.length - a.length).map(escaped);
  // Beside a word there is no letter, digit or mark that belongs to one, in whichever alphabet.
  const pattern = new RegExp(`(?<![\\p{L}\\p{M}\\p{N}_])(?:${words.join('|')})(?![\\p{L}\\p{M}\\p{N}_])`, 'gu');
  return (text) => {
    const changes: Change[] = [];
    const respelled = text.replace(pattern, (written) => {
      const instead = read.get(written) ?? written;
      changes.push({ written, read: instead.split(/\s+/).map(bare).filter(Boolean) });
      return instead;
    });
    return { text: respelled, restore: (spoken) => restored(spoken, changes) };
  };
}

function restored(spoken: readonly SpokenWord[], changes: readonly Change[]): readonly SpokenWord[] {
  if (changes.length === 0) return spoken;
  const words: SpokenWord[] = [];
  let next = 0;
  for (let at = 0; at < spoken.length; ) {
    const found = changes.findIndex(({ read }, index) => index >= next && isReadAt(spoken, at, read));
    const { written, read } = changes[found] ?? { written: '', read: [] };
    const [first, last] = [spoken[at], spoken[at + read.length - 1]];
    if (found < 0 || !first || !last) {
      if (first) words.push(first);
      at += 1;
      continue;
    }
    const before = /^[^\p{L}\p{N}]*/u.exec(first.text)?.[0] ?? '';
    const behind = last.text.slice(last.text.indexOf(bare(last.text)) + bare(last.text).length);
    words.push({ text: `${before}${written}${behind}`, startMs: first.startMs, endMs: last.endMs });
    next = found + 1;
    at += read.length;
  }
  return words;
}

function isReadAt(spoken: readonly SpokenWord[], at: number, read: readonly string[]): boolean {
  return read.length > 0 && read.every((word, index) => bare(spoken[at + index]?.text ?? '') === word);
}

/** A word without what stands around it, a possessive included. */
function bare(word: string): string {
  return word.replace(/^[^\p{L}\p{N}]+/u, '').replace(/(?:['’]s)?[^\p{L}\p{N}]*$/u, '');
}

function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
