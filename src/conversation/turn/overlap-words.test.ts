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
    ['Got it, it.', 'backchannel'],
    ['But the other', 'speech'],
    ['Ray.', 'speech'],
  ] as const)('%j is %s', (text, meaning) => {
    expect(overlapMeaning(text)).toBe(meaning);
  });

  it.each([
    ['Ray.', 'backchannel'],
    ['God, God,', 'backchannel'],
    ['I. C. C.', 'backchannel'],
    ['So, wait', 'stop'],
    ['I say that', 'speech'],
  ] as const)('%j of a short sound is %s', (text, meaning) => {
    expect(overlapMeaning(text, 'en', { misheard: true })).toBe(meaning);
  });

  it('other languages have their own', () => {
    expect(overlapMeaning('Ja, genau', 'de')).toBe('backchannel');
    expect(overlapMeaning('Moment', 'de')).toBe('stop');
    expect(overlapMeaning("D'accord", 'fr')).toBe('backchannel');
    expect(overlapMeaning('Espere, por favor', 'es')).toBe('stop');
  });
});
