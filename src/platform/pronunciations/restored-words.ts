import type { SpokenWord } from '../../ports/text-to-speech.js';

/** A stretch of a text that is there in the place of what was written. */
export type Change = { readonly start: number; readonly end: number; readonly written: string };

/** A word of the text; those that were put there for one written word have the same `stretch`. */
type Word = { readonly bare: string; readonly stretch: Stretch };
type Stretch = { readonly changed: boolean; readonly written: string; words: number };

/**
 * Finds spoken words in a text in which some were changed, and puts those that were written in their place. A voice may read
 * a word otherwise ("$5" as "5 dollars"): what is not found stays as it is.
 */
export function restorer(
  text: string,
  changes: readonly Change[],
): (spoken: readonly SpokenWord[]) => readonly SpokenWord[] {
  if (changes.length === 0) return (spoken) => spoken;
  const words = wordsOf(text, changes);
  let next = 0;
  return (spoken) => {
    const found = spoken.map((word): Stretch | undefined => {
      const bare = bareOf(word.text);
      const at = words.findIndex((each, index) => index >= next && each.bare === bare);
      if (at < 0) return undefined;
      next = at + 1;
      return words[at]?.stretch;
    });
    const restored: SpokenWord[] = [];
    for (let at = 0; at < spoken.length; ) {
      const stretch = found[at];
      const count = stretch?.changed ? found.slice(at).filter((each) => each === stretch).length : 1;
      const [first, last] = [spoken[at], spoken[at + count - 1]];
      if (!first || !last) break;
      if (stretch?.changed && count === stretch.words)
        restored.push({ text: stretch.written, startMs: first.startMs, endMs: last.endMs });
      else restored.push(...spoken.slice(at, at + count));
      at += count;
    }
    return restored;
  };
}

function wordsOf(text: string, changes: readonly Change[]): Word[] {
  const words: Word[] = [];
  for (const range of stretchesOf(text, changes)) {
    const inside = text.slice(range.start, range.end);
    const stretch: Stretch = { changed: range.changed, written: range.written, words: 0 };
    for (const [word] of inside.matchAll(/\S+/g)) {
      const bare = bareOf(word);
      if (bare === '') continue;
      stretch.words += 1;
      words.push({ bare, stretch });
    }
  }
  return words;
}

/** Cuts a text between words, but not within what stands for one written word. */
function* stretchesOf(
  text: string,
  changes: readonly Change[],
): Generator<{ readonly start: number; readonly end: number; readonly changed: boolean; readonly written: string }> {
  let start = 0;
  for (const { index, 0: space } of [...text.matchAll(/\s+|$/g)]) {
    const within = changes.filter((change) => change.end > start && change.start < index);
    const open = within.some((change) => change.end > index);
    if (open) continue;
    if (index > start) {
      let written = '';
      let behind = start;
      for (const change of within) {
        written += text.slice(behind, change.start) + change.written;
        behind = change.end;
      }
      written += text.slice(behind, index);
      yield { start, end: index, changed: within.length > 0, written };
    }
    start = index + space.length;
  }
}

/** A word without what stands around it. */
function bareOf(word: string): string {
  return word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '').toLowerCase();
}
