/** A word of a transcript; times in ms. */
export type TimedWord = {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly confidence: number;
};

/** Small letters, without what stands around the word. */
export function plain(text: string): string {
  return text.toLowerCase().replaceAll(/^[^\p{L}\p{N}+@]+|[^\p{L}\p{N}]+$/gu, '');
}

/** The punctuation behind a word. */
export function markBehind(text: string): string {
  return /[.,;:!?…]+$/.exec(text)?.[0] ?? '';
}

export function endsSentence(text: string): boolean {
  return /[.!?…]$/.test(text);
}

/** One word in place of several: from the first's beginning to the last's end, as sure as the least sure of them. */
export function joined<Word extends TimedWord>(words: readonly [Word, ...Word[]], text: string): Word {
  const last = words.at(-1) ?? words[0];
  return {
    ...words[0],
    text,
    endMs: last.endMs,
    confidence: Math.min(...words.map(({ confidence }) => confidence)),
  };
}

/** What stands for something that was redacted. */
export function isLabel(text: string): boolean {
  return /^\[[A-Z_]+\]/.test(text);
}
