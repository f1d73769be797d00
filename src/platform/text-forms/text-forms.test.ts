import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyTextForms, type TextFormOptions } from './text-forms.js';

const heard = (text: string) => ({
  text,
  words: text
    .split(' ')
    .filter(Boolean)
    .map((word, at) => ({ text: word, startMs: at * 300, endMs: at * 300 + 250, confidence: 0.9 })),
});
const written = (text: string, options: TextFormOptions): string => {
  const { text: whole, words } = applyTextForms(heard(text), options);
  expect(words.map((word) => word.text).join(' ')).toBe(whole);
  return whole;
};

describe('a transcript', () => {
  it('is as it was heard without options', () => {
    const given = heard('Well, hello there.');
    expect(applyTextForms(given, {})).toBe(given);
  });

  it('without punctuation keeps what belongs to words', () => {
    expect(written("Well - it's 3.5% (or $10), no?", { punctuation: false })).toBe("Well it's 3.5% or $10 no");
  });

  it('without capitals is in small letters, but for what was redacted', () => {
    expect(written('Call Jane at 415-555-0134.', { casing: false, redact: ['pii'] })).toBe('call jane at [PHONE].');
    expect(written('Call 415-555-0134.', { punctuation: false, redact: ['pii'] })).toBe('Call [PHONE]');
  });

  it('masks swear words and no others', () => {
    expect(written('Oh shit, the fucking cockpit, assess the class.', { profanityFilter: true })).toBe(
      'Oh s***, the f****** cockpit, assess the class.',
    );
  });

  it('in words, without times, is written as a text', () => {
    expect(applyTextForms({ text: 'Two coffees, please.', words: [] }, { numerals: true })).toEqual({
      text: '2 coffees, please.',
      words: [],
    });
  });
});

describe('numerals', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['I want twenty five coffees.', 'I want 25 coffees.'],
    ['two, three, or four', '2, 3, or 4'],
    ['Four, one, five, five, five, five, zero, one, three, four.', '4155550134.'],
    ['four one five, five five five, oh one three four', '4155550134'],
    ['one hundred and two people', '102 people'],
    ['It is three point five.', 'It is 3.5.'],
    ['no one knows, one day', 'no one knows, one day'],
    ['Oh, I see', 'Oh, I see'],
    ['wait a second', 'wait a second'],
    ['double five double oh seven', '5500 7'.replace(' ', '')],
    ['at 10:30 for 1,200 people', 'at 10:30 for 1,200 people'],
  ];
  it.each(cases)('%s', (said, figures) => {
    expect(written(said, { numerals: true })).toBe(figures);
  });

  it('have the times of the words that they were said with', () => {
    const { words } = applyTextForms(heard('buy twenty five now'), { numerals: true });
    expect(words[1]).toMatchObject({ text: '25', startMs: 300, endMs: 850 });
  });
});

it('text and words agree, times stay in order and inside, whatever is said and asked', () => {
  const word = fc.constantFrom(
    ...'one two, five. oh double hundred and point May 3rd born at dot com jane @ - 415-555-0134 4111 phone Street shit'.split(
      ' ',
    ),
  );
  const options = fc.record({
    punctuation: fc.boolean(),
    casing: fc.boolean(),
    numerals: fc.boolean(),
    profanityFilter: fc.boolean(),
    redact: fc.constantFrom([], ['pii'] as const, ['pii', 'pci'] as const),
  });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 25 }), options, (said, asked) => {
      const given = heard(said.join(' '));
      const { text, words } = applyTextForms(given, asked);
      expect(words.map((each) => each.text).join(' ')).toBe(text);
      for (const [at, each] of words.entries()) {
        expect(each.endMs).toBeGreaterThan(each.startMs);
        expect(each.startMs).toBeGreaterThanOrEqual(words[at - 1]?.endMs ?? 0);
      }
    }),
  );
});
