import { describe, expect, it } from 'vitest';
import { asWritten, respelling } from './respelling.js';

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

  it('names words that the voice reads otherwise as they were written, where there is no doubt', () => {
    const spoken = (text: string) => text.split(' ').map((word, at) => ({ text: word, startMs: at, endMs: at + 1 }));
    const names = (text: string, ...read: string[]) => {
      const { restore } = asWritten(text);
      return read.map((piece) => restore(spoken(piece)).map((word) => word.text));
    };
    expect(names('Come at 5pm, now.', 'come at five P.M., now')).toEqual([['Come', 'at', '5pm,', 'now.']]);
    expect(names('It is $5 or 6€ now', 'It is five or six now')).toEqual([['It', 'is', '$5', 'or', '6€', 'now']]);
    expect(names('I have 3 4 now', 'I have three four now')).toEqual([['I', 'have', '3', '4', 'now']]);
    expect(names('I have 21 22 now', 'I have twenty one twenty two now')).toEqual([
      ['I', 'have', 'twenty', 'one', 'twenty', 'two', 'now'],
    ]);
    expect(names('At 5pm, or then', 'At five P.M.,', 'or then')).toEqual([
      ['At', 'five', 'P.M.,'],
      ['or', 'then'],
    ]);
    expect(names('I am here at 5pm.', 'I am here', 'at five P.M.')).toEqual([
      ['I', 'am', 'here'],
      ['at', '5pm.'],
    ]);
    expect(names('“Yes,” she – said', 'Yes, she said')).toEqual([['“Yes,”', 'she', 'said']]);
    const respelled = respelling([{ word: 'SQL', pronunciation: '4 you' }])?.('SQL now');
    expect(respelled?.restore(spoken('four you now')).map(({ text }) => text)).toEqual(['SQL', 'now']);
  });

  it('loses no word and no time, whatever is spoken', () => {
    const { restore } = asWritten('one two three');
    const spoken = ['nine', 'three', 'one', 'two'].map((text, at) => ({ text, startMs: at, endMs: at + 1 }));
    const restored = restore(spoken);
    expect([restored[0]?.startMs, restored.at(-1)?.endMs]).toEqual([0, 4]);
    expect(restore([])).toEqual([]);
    expect(asWritten('').restore(spoken)).toEqual(spoken);
  });
});
