import { describe, expect, it } from 'vitest';
import { boundaryOf } from '../silence.js';
import { cutIntoPieces, LONGEST_PIECE_PHONEMES } from './pieces.js';

function wordsIn(phonemes: string) {
  return [...phonemes.matchAll(/\S+/g)].map((m) => ({ text: m[0], start: m.index, end: m.index + m[0].length }));
}

describe('cutting long phoneme strings', () => {
  it('leaves what fits in one piece', () => {
    const [piece, ...rest] = cutIntoPieces('həlˈO ðˈɛɹ.', wordsIn('həlˈO ðˈɛɹ.'));
    expect(piece).toMatchObject({ phonemes: 'həlˈO ðˈɛɹ.', boundary: 'sentence' });
    expect(rest).toEqual([]);
  });

  it('prefers the end of a clause to that of a word', () => {
    const clause = `${'wˈʌn '.repeat(12)}tˈu, `;
    const pieces = cutIntoPieces(clause.repeat(3).trim(), wordsIn(clause.repeat(3)));
    expect(pieces.map((piece) => piece.boundary)).toEqual(['clause', 'clause', 'clause']);
    expect(pieces[0]?.phonemes.endsWith('tˈu,')).toBe(true);
  });

  it('cuts between words without punctuation, and inside a word as a last resort', () => {
    const words = 'wˈʌn '.repeat(60).trim();
    expect(cutIntoPieces(words, wordsIn(words)).every((piece) => piece.phonemes.endsWith('wˈʌn'))).toBe(true);
    const endless = 'ɑ'.repeat(300);
    expect(cutIntoPieces(endless, wordsIn(endless)).map((piece) => piece.phonemes.length)).toEqual([120, 120, 60]);
  });

  it('takes breath before a conjunction, else before a preposition, and leaves no crumb', () => {
    const long = 'kˈɑləɹ '.repeat(12);
    const phonemes = `${long}ænd ${long}ɪn ${long}ɪn tˈu`;
    const spelled = `${'color '.repeat(12)}and ${'color '.repeat(12)}in ${'color '.repeat(12)}in two`.split(' ');
    const words = wordsIn(phonemes).map((word, i) => ({ ...word, text: spelled[i] ?? '' }));
    expect(cutIntoPieces(phonemes, words).map(({ words: own }) => own[0]?.text)).toEqual(['color', 'and', 'in']);
  });

  it('keeps every piece within the limit and every word with its piece', () => {
    const phonemes = 'ðə kwˈɪk, bɹˈWn fˈɑks. '.repeat(120).trim();
    const pieces = cutIntoPieces(phonemes, wordsIn(phonemes));
    for (const piece of pieces) {
      expect(piece.phonemes.length).toBeLessThanOrEqual(LONGEST_PIECE_PHONEMES);
      for (const word of piece.words) expect(piece.phonemes.slice(word.start, word.end)).toBe(word.text);
    }
    expect(pieces.flatMap((piece) => piece.words)).toHaveLength(480);
  });

  it('drops punctuation that stands alone', () => expect(cutIntoPieces('… !', [])).toEqual([]));

  it('sees through closing quotes', () => {
    expect(boundaryOf('jˈɛs.”')).toBe('sentence');
    expect(boundaryOf('jˈɛs,')).toBe('clause');
    expect(boundaryOf('jˈɛs')).toBe('word');
  });
});
