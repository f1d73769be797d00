import { describe, expect, it } from 'vitest';
import { Tagger } from './tagger.js';

const tagger = new Tagger({
  tags: ['DT', 'NN', 'VB'],
  tagdict: { the: 'DT' },
  vocab: ['the', 'record', 'please'],
  weights: {
    'w=record': { NN: 1, VB: 1 },
    't-1=DT': { NN: 3 },
    'w-1=please': { VB: 3 },
    'sh=XX': { DT: 1, NN: 1 },
  },
});

describe('the part-of-speech tagger', () => {
  it('lets the word before decide', () => {
    expect(tagger.tag(['the', 'record'])).toEqual(['DT', 'NN']);
    expect(tagger.tag(['please', 'record']).at(-1)).toBe('VB');
  });

  it('takes a noun where no feature is known', () => expect(tagger.tag(['zzz'])).toEqual(['NN']));

  it('prefers the alphabetically last of equal tags, as in training', () => expect(tagger.tag(['QQ'])).toEqual(['NN']));

  it('tags nothing as nothing', () => expect(tagger.tag([])).toEqual([]));
});
