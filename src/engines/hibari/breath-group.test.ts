import { describe, expect, it } from 'vitest';
import { contextBefore, inContext, pauseInContextMs } from './breath-group.js';
import { boundaryOf, KEEP_BEFORE_ONSET_MS } from './silence.js';

function piece(phonemes: string) {
  const words = [...phonemes.matchAll(/\S+/g)].map((m) => ({ text: m[0], start: m.index, end: m.index + m[0].length }));
  return { phonemes, words, boundary: boundaryOf(phonemes) };
}

describe('the context of a clause', () => {
  it('is the last words of what came before, with a mark that makes a pause', () => {
    expect(contextBefore('ʃˈʊɹ,')).toBe('ʃˈʊɹ,');
    expect(contextBefore('wˌi hæv ɐ tˈAbᵊl fɔɹ tˈu,')).toBe('tˈAbᵊl fɔɹ tˈu,');
    expect(contextBefore('ðə sˈup ɪz ɹˈɛdi')).toBe('sˈup ɪz ɹˈɛdi,');
  });

  it('is nothing where a sentence begins', () => {
    for (const ended of ['θˈæŋk ju.', 'ɹˈiᵊli?', 'jˈɛs!”', '']) expect(contextBefore(ended)).toBeUndefined();
  });

  it('stays short, however long the last word was', () => {
    expect(contextBefore(`${'ɑ'.repeat(500)},`)?.length).toBeLessThanOrEqual(41);
  });

  it('leaves the own phonemes of the clause where it says they are', () => {
    const clause = piece('ɐ lˈɑɹʤ lˈɑTA');
    const { phonemes, from, to } = inContext(clause, { before: 'ʃˈʊɹ,', behind: 'ðˈɛn.' });
    expect(phonemes).toBe('ʃˈʊɹ, ɐ lˈɑɹʤ lˈɑTA, ðˈɛn.');
    expect(phonemes.slice(from, to)).toBe('ɐ lˈɑɹʤ lˈɑTA,');
    expect(inContext(clause, { before: undefined, behind: undefined }).phonemes).toBe(clause.phonemes);
  });

  it('gives the pause of the network, within what suits an opener, a clause and a cut between words', () => {
    const pause = (phonemes: string, networkMs: number) =>
      pauseInContextMs(piece(phonemes), networkMs) + KEEP_BEFORE_ONSET_MS;
    expect(pause('ʃˈʊɹ,', 0)).toBe(80);
    expect(pause('ʃˈʊɹ,', 400)).toBe(160);
    expect(pause('wˌi hæv ɐ tˈAbᵊl,', 200)).toBe(235);
    expect(pause('wˌi hæv ɐ tˈAbᵊl,', 900)).toBe(300);
    expect(pause('wˌi hæv ɐ tˈAbᵊl', 200)).toBe(60);
  });
});
