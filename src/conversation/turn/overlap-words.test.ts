import { describe, expect, it } from 'vitest';
import { beginsWithStop, overlapMeaning } from './overlap-words.js';

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

describe('the beginning of an overlap', () => {
  const beginnings = (chances: Readonly<Record<string, number>>) =>
    Object.entries(chances).map(([text, probability]) => ({ text, probability }));

  it.each([
    ['a stop word', { No: 0.8, You: 0.05 }, true],
    ['several that are hardly likely alone', { Wait: 0.15, Way: 0.12, W: 0.1 }, true],
    ['what a recogniser makes of one', { St: 0.3, Star: 0.2 }, true],
    ['a piece of a long one', { Act: 0.3 }, true],
    ['a piece that may begin any word', { W: 0.5, H: 0.3 }, false],
    ['hardly one', { No: 0.2, The: 0.3 }, false],
    ['a sign of listening', { Right: 0.8 }, false],
    ['one that is as likely a sign of listening', { Wait: 0.4, Right: 0.3 }, false],
    ['what begins words of both kinds', { Exa: 0.9, I: 0.5 }, false],
    ['other words', { I: 0.5, Could: 0.3 }, false],
    ['nothing', {}, false],
  ] as const)('%s: %o is a stop word: %s', (_, chances, stop) => {
    expect(beginsWithStop(beginnings(chances))).toBe(stop);
  });

  it('other languages have their own', () => {
    expect(beginsWithStop(beginnings({ War: 0.4 }), 'de')).toBe(true);
    expect(beginsWithStop(beginnings({ War: 0.4 }), 'en')).toBe(false);
  });
});
