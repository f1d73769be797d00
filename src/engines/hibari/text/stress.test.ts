import { describe, expect, it } from 'vitest';
import { weight, withStress } from './stress.js';

describe('stress levels', () => {
  it.each([
    ['ˈbʌt', -2, 'bʌt'],
    ['ˌɪntəɹˈɛst', -0.5, 'ɪntəɹˌɛst'],
    ['mˈʌðəɹ', -1, 'mˌʌðəɹ'],
    ['ænd', 0.5, 'ˌænd'],
    ['ænd', 2, 'ˈænd'],
    ['stænd', 1, 'stˌænd'],
    ['mˌʌst', 1, 'mˈʌst'],
    ['ænd', -0.5, 'ænd'],
    ['ʃ', 2, 'ʃ'],
    ['mˈʌðəɹ', 2, 'mˈʌðəɹ'],
  ])('%s at %d is %s', (phonemes, level, moved) => expect(withStress(phonemes, level)).toBe(moved));

  it('counts diphthongs and affricates twice', () => expect(weight('ʤAt')).toBe(5));
});
