import { describe, expect, it } from 'vitest';
import { respelling } from './respelling.js';

const respell = (word: string, pronunciation: string, text: string): string | undefined =>
  respelling([{ word, pronunciation }])?.(text).text;

describe('respelling', () => {
  it.each([
    ['SQL', 'sequel', 'SQL, MySQL and SQL-like: SQL’s sql.', 'sequel, MySQL and sequel-like: sequel’s sql.'],
    ['New York', 'noo york', 'New Yorkers like New York.', 'New Yorkers like noo york.'],
    ['C++', 'see plus plus', 'C++ (not C+++ or ObjC++).', 'see plus plus (not see plus plus+ or ObjC++).'],
    ['é', 'ay', 'é café née', 'ay café née'],
    ['n.a.', 'not there', 'n.a. nxax', 'not there nxax'],
    ['cash', '$&', 'cash', '$&'],
  ])('of "%s" as "%s" finds whole words', (word, pronunciation, text, expected) => {
    expect(respell(word, pronunciation, text)).toBe(expected);
  });

  it('takes longer words first, and the first pronunciation of a word', () => {
    const items = [
      { word: 'York', pronunciation: 'one' },
      { word: 'New York', pronunciation: 'two' },
      { word: 'York', pronunciation: 'three' },
    ];
    expect(respelling(items)?.('New York, York').text).toBe('two, one');
  });

  it('does not respell what it has written', () => {
    const items = [
      { word: 'a', pronunciation: 'b' },
      { word: 'b', pronunciation: 'a' },
    ];
    expect(respelling(items)?.('a b').text).toBe('b a');
  });

  it('is none where there are no words', () => {
    expect(respelling([])).toBeUndefined();
  });

  it('gives words back as they were written, with the times of all that was read for them', () => {
    const respelled = respelling([
      { word: 'SQL', pronunciation: 'sequel' },
      { word: 'API', pronunciation: 'ay pee eye' },
    ])?.('The API’s SQL, sequel (SQL).');
    expect(respelled?.text).toBe('The ay pee eye’s sequel, sequel (sequel).');
    const spoken = ['The', 'ay', 'pee', 'eye’s', 'sequel,', 'sequel', '(sequel).'].map((text, at) => ({
      text,
      startMs: at * 100,
      endMs: at * 100 + 90,
    }));
    expect(respelled?.restore(spoken)).toEqual([
      { text: 'The', startMs: 0, endMs: 90 },
      { text: 'API’s', startMs: 100, endMs: 390 },
      { text: 'SQL,', startMs: 400, endMs: 490 },
      { text: 'sequel', startMs: 500, endMs: 590 },
      { text: '(SQL).', startMs: 600, endMs: 690 },
    ]);
  });

  it('gives them back over several pieces of audio, and where two of them are one', () => {
    const respelled = respelling([
      { word: 'SQL', pronunciation: 'sequel' },
      { word: 'API', pronunciation: 'ay pee eye' },
    ])?.('SQL/API, SQL.');
    const word = (text: string) => ({ text, startMs: 0, endMs: 9 });
    expect(respelled?.restore(['sequel/ay', 'pee', 'eye,'].map(word))).toEqual([word('SQL/API,')]);
    expect(respelled?.restore([word('sequel.')])).toEqual([word('SQL.')]);
  });

  it('leaves words as they are that the voice has read otherwise', () => {
    const respelled = respelling([{ word: 'SQL', pronunciation: '4 you' }])?.('SQL now');
    const spoken = [
      { text: 'four', startMs: 0, endMs: 90 },
      { text: 'now', startMs: 100, endMs: 190 },
    ];
    expect(respelled?.restore(spoken)).toEqual(spoken);
  });
});
