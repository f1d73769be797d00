import { describe, expect, it } from 'vitest';
import { splitInline } from './inline.js';

describe('inline phonemes', () => {
  it('are taken from links with slashes', () =>
    expect(splitInline('I am [Siobhan](/ʃɪvˈɔn/).')).toEqual([
      { text: 'I am ' },
      { text: 'Siobhan', phonemes: 'ʃɪvˈɔn' },
      { text: '.' },
    ]));

  it('leave ordinary links as their text', () =>
    expect(splitInline('[our menu](http://example.com)')).toEqual([{ text: 'our menu' }]));

  it('survive brackets that never close', () => {
    const text = '[a]('.repeat(3_000);
    expect(splitInline(text)).toEqual([{ text }]);
  });
});
