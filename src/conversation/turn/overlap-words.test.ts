import { describe, expect, it } from 'vitest';
import { overlapMeaning } from './overlap-words.js';

describe('the words of an overlap', () => {
  it.each([
    ['', 'none'],
    ['...', 'none'],
    ['Mm-hmm.', 'backchannel'],
    ['Uh-huh, right.', 'backchannel'],
    ['Okay, I see. Got it.', 'backchannel'],
    ['Wait', 'stop'],
    ['No, not that', 'stop'],
    ['Okay, hold on', 'stop'],
    ['Yeah, excuse me', 'stop'],
    ['I would like', 'speech'],
    ['Right now please', 'speech'],
    ['A stop on the way', 'speech'],
  ] as const)('%j is %s', (text, meaning) => {
    expect(overlapMeaning(text)).toBe(meaning);
  });

  it('other languages have their own', () => {
    expect(overlapMeaning('Ja, genau', 'de')).toBe('backchannel');
    expect(overlapMeaning('Moment', 'de')).toBe('stop');
    expect(overlapMeaning("D'accord", 'fr')).toBe('backchannel');
    expect(overlapMeaning('Espere, por favor', 'es')).toBe('stop');
  });
});
