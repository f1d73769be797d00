import { describe, expect, it } from 'vitest';
import { asTable } from '../model-files.js';
import { Lexicon, type LexiconEntry } from './lexicon.js';
import { readTokens } from './reader.js';
import { newToken } from './token.js';

const lexicon = new Lexicon(
  asTable<LexiconEntry>(
    {
      apple: 'ˈæpəl',
      pear: 'pˈɛɹ',
      to: { DEFAULT: 'tˈu', None: 'tˈu' },
      read: { DEFAULT: 'ɹˈid', VBD: 'ɹˈɛd', VBN: 'ɹˈɛd' },
      record: { DEFAULT: 'ɹˈɛkəɹd', VERB: 'ɹəkˈɔɹd' },
      book: 'bˈʊk',
      shelf: 'ʃˈɛlf',
      dollar: 'dˈɑləɹ',
      cent: 'sˈɛnt',
      five: 'fˈIv',
      fifty: 'fˈɪfti',
      twenty: 'twˈɛnti',
      three: 'θɹˈi',
      third: 'θˈɜɹd',
      and: 'ænd',
      minus: 'mˈInəs',
      wait: 'wˈAt',
      it: 'ɪt',
      F: 'ˈɛf',
      B: 'bˈi',
      I: 'ˈI',
      S: 'ˈɛs',
    },
    'gold',
  ),
  asTable<LexiconEntry>({ zebra: 'zˈibɹə' }, 'silver'),
);
const said: string[] = [];
const unknown = (word: string) => {
  said.push(word);
  return word === 'zorp' ? 'zˈɔɹp' : undefined;
};

/** "word/TAG word/TAG+word/TAG": a plus joins what is written together. */
function read(text: string): string {
  const tokens = text.split(' ').flatMap((group) =>
    group.split('+').map((part, i, all) => {
      const [word = '', tag = ''] = part.split('/');
      return newToken(word, tag, i === all.length - 1);
    }),
  );
  return readTokens(tokens, lexicon, unknown)
    .map((token) => token.phonemes)
    .join(' ');
}

describe('reading tagged words', () => {
  it.each([
    ['the/DT apple/NN', 'ði ˈæpəl'],
    ['the/DT pear/NN', 'ðə pˈɛɹ'],
    ['to/TO apple/NN', 'tʊ ˈæpəl'],
    ['to/TO pear/NN', 'tə pˈɛɹ'],
    ['to/TO ,/,', 'tˈu ,'],
    ['a/DT pear/NN', 'ɐ pˈɛɹ'],
  ])('lets the next sound decide: %s', (text, phonemes) => expect(read(text)).toBe(phonemes));

  it('lets the part of speech decide', () => {
    expect(read('read/VB')).toBe('ɹˈid');
    expect(read('read/VBD')).toBe('ɹˈɛd');
    expect(read('record/VB')).toBe('ɹəkˈɔɹd');
    expect(read('record/NN')).toBe('ɹˈɛkəɹd');
  });

  it('adds suffixes to known stems, with the tap of American English', () => {
    expect(read('apples/NNS')).toBe('ˈæpəlz');
    expect(read('waiting/VBG')).toBe('wˈATɪŋ');
    expect(read("zebra's/NN")).toBe('zˈibɹəz');
  });

  it('spells capitals that are no word', () => expect(read('FBI/NNP')).toBe('ˌɛfbˌiˈI'));

  it('gives a capitalised function word some stress', () => expect(read('It/PRP')).toBe('ˌɪt'));

  it('takes the primary stress of all but the heaviest part of a compound', () =>
    expect(read('book/NN+-/HYPH+shelf/NN')).toBe('bˌʊkʃˈɛlf'));

  it('reads amounts with their currency', () => {
    expect(read('$/$+5.50/CD')).toBe(' fˈIv dˈɑləɹz ænd fˈɪfti sˈɛnts');
    expect(read('$/$+5.5/CD')).toBe(' fˈIv dˈɑləɹz ænd fˈɪfti sˈɛnts');
    expect(read('$/$+.05/CD')).toBe(' fˈIv sˈɛnts');
    expect(read('$/$+5/CD book/NN')).toBe(' fˈIv dˈɑləɹz bˈʊk');
  });

  it('reads numbers with suffixes and signs', () => {
    expect(read('23rd/JJ')).toBe('twˈɛnti θˈɜɹd');
    expect(read('-5/CD')).toBe('mˈInəs fˈIv');
    expect(read('20s/NNS')).toBe('twˈɛntiz');
    expect(read('F5/NN')).toBe('ˈɛf fˈIv');
  });

  it('asks for words that no dictionary has, once each, and is silent while they are unknown', () => {
    said.length = 0;
    expect(read('zorp/NN')).toBe('zˈɔɹp');
    expect(read('blarg/NN apple/NN')).toBe(' ˈæpəl');
    expect(said).toEqual(['zorp', 'blarg']);
  });

  it('does not mistake names of object members for words', () => {
    said.length = 0;
    read('constructor/NN toString/NN');
    expect(said).toContain('constructor');
  });

  it('bounds the work on text that is written without spaces', () => {
    said.length = 0;
    expect(() => read(`${'aB'.repeat(300)}/NN`)).not.toThrow();
  });
});
