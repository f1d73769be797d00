import { describe, expect, it } from 'vitest';
import { PhraseCache } from './phrase-cache.js';
import type { SpokenPiece } from './spoken-piece.js';

function audio(samples: number): SpokenPiece[] {
  return [{ text: '', samples: new Float32Array(samples), rateHz: 24_000, words: [] }];
}

const last = { continues: false, after: '' };

describe('phrase cache', () => {
  it('finds a clause where it stood in the same way', () => {
    const cache = new PhraseCache();
    const pieces = audio(100);
    cache.keep('Anything else?', last, pieces, 18);
    expect(cache.find('Anything else?', last)).toMatchObject({ pieces, computeMs: 18 });
    expect(cache.find('Anything else?', { ...last, continues: true })).toBeUndefined();
    expect(cache.find('Anything else?', { ...last, after: 'Sure,' })).toBeUndefined();
    expect(cache.find('Anything else?', { ...last, after: 'A large latte.' })).toBeDefined();
    expect(cache.find('Anything', last)).toBeUndefined();
  });

  it('holds no more than its bound: what was asked for least recently goes', () => {
    const cache = new PhraseCache(250);
    cache.keep('one', last, audio(100), 1);
    cache.keep('two', last, audio(100), 1);
    cache.find('one', last);
    cache.keep('three', last, audio(100), 1);
    expect(['one', 'two', 'three'].filter((text) => cache.find(text, last))).toEqual(['one', 'three']);
  });

  it('a clause kept again counts once', () => {
    const cache = new PhraseCache(250);
    cache.keep('one', last, audio(100), 1);
    for (let i = 0; i < 10; i++) cache.keep('two', last, audio(100), 1);
    expect(cache.find('one', last)).toBeDefined();
  });

  it('does not keep silence, long text, or more than it may hold', () => {
    const cache = new PhraseCache(250);
    cache.keep('nothing', last, [], 1);
    cache.keep('long '.repeat(40), last, audio(10), 1);
    cache.keep('huge', last, audio(251), 1);
    for (const text of ['nothing', 'long '.repeat(40), 'huge']) expect(cache.find(text, last)).toBeUndefined();
  });
});
