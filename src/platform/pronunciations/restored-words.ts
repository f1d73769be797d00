import type { SpokenWord } from '../../ports/text-to-speech.js';

/** A stretch of a text that is there in the place of what was written. */
export type Change = { readonly start: number; readonly end: number; readonly written: string };

/** One written word: as it was written, and how many words stand for it in the text. */
type Written = { readonly text: string; words: number };
type TextWord = { readonly bare: string; readonly written: Written };

/** Words of the text that a spoken word may skip, beside as many as were spoken since one was found. */
const lookAhead = 4;

/**
 * Finds spoken words in the text that was read, in which some words may have been changed, and names them as they were
 * written. A voice may read a word otherwise ("5pm" as "five P.M."): where there is one written word, or as many as were
 * spoken, between two that are found, it is that one. What cannot be told stays as it is.
 */
export function restorer(
  text: string,
  changes: readonly Change[],
): (spoken: readonly SpokenWord[]) => readonly SpokenWord[] {
  const words = textWords(text, changes);
  /** Of `words`, the first one that was not spoken yet. */
  let next = 0;
  return (spoken) => {
    const restored: SpokenWord[] = [];
    let unfound: SpokenWord[] = [];
    for (let at = 0; at < spoken.length; ) {
      const word = spoken[at] as SpokenWord;
      const found = find(words, spoken, { at, from: next, upTo: next + lookAhead + unfound.length });
      if (found === undefined) {
        unfound.push(word);
        at += 1;
        continue;
      }
      const { written } = words[found] as TextWord;
      restored.push(...named(unfound, writtenBetween(words, next, found)));
      restored.push(merged(spoken.slice(at, at + written.words), written));
      unfound = [];
      next = found + written.words;
      at += written.words;
    }
    // More may come of a text that has not ended: only its very last word is known to be meant.
    const rest = writtenBetween(words, next, words.length);
    const isLast = unfound.length > 0 && rest.length === 1;
    if (isLast) next = words.length;
    restored.push(...named(unfound, isLast ? rest : []));
    return restored;
  };
}

/** Where the next written word begins of which all was spoken, from `at` on. */
function find(
  words: readonly TextWord[],
  spoken: readonly SpokenWord[],
  { at, from, upTo }: { readonly at: number; readonly from: number; readonly upTo: number },
): number | undefined {
  const bare = bareOf(spoken[at]?.text ?? '');
  for (let index = from; index < Math.min(upTo, words.length); index += 1) {
    const written = words[index]?.written;
    if (!written || words[index]?.bare !== bare || words[index - 1]?.written === written) continue;
    const group = spoken.slice(at, at + written.words);
    if (group.length === written.words && group.every(({ text }, i) => bareOf(text) === words[index + i]?.bare))
      return index;
  }
  return undefined;
}

function writtenBetween(words: readonly TextWord[], from: number, to: number): readonly Written[] {
  return [...new Set(words.slice(from, to).map(({ written }) => written))];
}

function named(spoken: readonly SpokenWord[], written: readonly Written[]): readonly SpokenWord[] {
  if (spoken.length === 0) return [];
  const [only] = written;
  if (only && written.length === 1) return [merged(spoken, only)];
  if (written.length !== spoken.length) return spoken;
  return spoken.map((word, at) => ({ ...word, text: written[at]?.text ?? word.text }));
}

function merged(spoken: readonly SpokenWord[], { text }: Written): SpokenWord {
  return { text, startMs: spoken[0]?.startMs ?? 0, endMs: spoken.at(-1)?.endMs ?? 0 };
}

function textWords(text: string, changes: readonly Change[]): TextWord[] {
  const words: TextWord[] = [];
  for (const { read, written } of cutBetweenWords(text, changes)) {
    const one: Written = { text: written, words: 0 };
    for (const [word] of read.matchAll(/\S+/g)) {
      const bare = bareOf(word);
      if (bare === '') continue;
      one.words += 1;
      words.push({ bare, written: one });
    }
  }
  return words;
}

/** Cuts a text between words, but not within what stands for one written word. */
function* cutBetweenWords(
  text: string,
  changes: readonly Change[],
): Generator<{ readonly read: string; readonly written: string }> {
  let start = 0;
  for (const { index, 0: space } of text.matchAll(/\s+|$/g)) {
    const within = changes.filter((change) => change.end > start && change.start < index);
    if (within.some((change) => change.end > index)) continue;
    if (index > start) {
      let written = '';
      let behind = start;
      for (const change of within) {
        written += text.slice(behind, change.start) + change.written;
        behind = change.end;
      }
      yield { read: text.slice(start, index), written: written + text.slice(behind, index) };
    }
    start = index + space.length;
  }
}

/** A word without what stands around it. */
function bareOf(word: string): string {
  return word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '').toLowerCase();
}
