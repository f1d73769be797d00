import { describe, expect, it } from 'vitest';
import { ED, ING, S } from './suffixes.js';

describe('suffixes', () => {
  it('gives the sound of -s by the last sound of the stem', () => {
    expect(S.attach('kˈæt')).toBe('kˈæts');
    expect(S.attach('dˈɔɡ')).toBe('dˈɔɡz');
    expect(S.attach('bˈɑks')).toBe('bˈɑksᵻz');
  });

  it('taps t between vowels', () => {
    expect(ED.attach('ɹˈAt')).toBe('ɹˈAɾᵻd');
    expect(ING.attach('wˈAt')).toBe('wˈAɾɪŋ');
    expect(ED.attach('wˈɑnt')).toBe('wˈɑntᵻd');
    expect(ED.attach('ʤˈʌmp')).toBe('ʤˈʌmpt');
  });

  it('offers the stems that a spelling may have', () => {
    expect(S.stems('parties')).toContain('party');
    expect(S.stems('boxes')).toEqual(['boxe', 'box']);
    expect(S.stems('glass')).toEqual([]);
    expect(ED.stems('baked')).toEqual(['bake', 'bak']);
    expect(ING.stems('running')).toEqual(['runn', 'runne', 'run']);
    expect(ING.stems('ring')).toEqual([]);
  });
});
