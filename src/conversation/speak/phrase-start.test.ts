import { describe, expect, it } from 'vitest';
import { phraseStart, wordEnd } from './phrase-start.js';
import type { SpokenPiece } from './spoken-piece.js';

const rateHz = 24_000;

function piece(words: readonly (readonly [string, number, number])[]): SpokenPiece {
  const lastMs = words.at(-1)?.[2] ?? 0;
  return {
    text: words.map(([text]) => text).join(' '),
    samples: new Float32Array((lastMs * rateHz) / 1_000),
    rateHz,
    words: words.map(([text, startMs, endMs]) => ({ text, startMs, endMs })),
  };
}

const list = piece([
  ['tea,', 0, 300],
  ['coffee', 320, 700],
  ['with', 850, 1_000],
  ['milk', 1_000, 1_300],
]);

describe('taking up a phrase', () => {
  it.each([
    [100, 0],
    [500, 320],
    [1_200, 850],
  ])('talked over at %d ms it begins again at %d ms: after a comma, after a pause', (atMs, startMs) => {
    expect(phraseStart(list, atMs)).toBe(startMs);
  });

  it('goes a few words back in a long group', () => {
    const long = piece(Array.from({ length: 20 }, (_, i) => [`w${i}`, i * 250, i * 250 + 250] as const));
    expect(phraseStart(long, 4_000)).toBe(3_000);
  });

  it('a word that ends soon may be ended', () => {
    expect(wordEnd(list, 600, 120)).toBe(700);
    expect(wordEnd(list, 400, 120)).toBeUndefined();
  });
});
