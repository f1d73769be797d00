import { describe, expect, it } from 'vitest';
import { redact } from './redact.js';
import { redactApart, redactGrowing } from './redact-parts.js';
import { redactionCases } from './redaction-cases.js';
import type { TimedWord } from './words.js';

const kinds = ['pii', 'pci'] as const;

function said(text: string): TimedWord[] {
  return text.split(' ').map((word, at) => ({ text: word, startMs: at, endMs: at + 1, confidence: 1 }));
}

function texts(words: readonly TimedWord[]): string {
  return words.map(({ text }) => text).join(' ');
}

describe('redaction of words that go on', () => {
  it('shows nothing that the whole sentence shows otherwise', () => {
    const taken: string[] = [];
    let shownWords = 0;
    for (const marked of redactionCases) {
      const words = said(marked.replaceAll(/\{[A-Z_]+: |\}/g, ''));
      const whole = texts(redact(words, kinds));
      for (let length = 1; length <= words.length; length++) {
        const shown = texts(redactGrowing([], words.slice(0, length), kinds));
        shownWords += shown === '' ? 0 : shown.split(' ').length;
        if (!`${whole} `.startsWith(shown === '' ? '' : `${shown} `)) taken.push(`${shown} | ${whole}`);
      }
    }
    expect(taken).toEqual([]);
    expect(shownWords).toBeGreaterThan(redactionCases.length * 10);
  });
});

describe('redaction of words that are told one after the other', () => {
  const told = (...parts: string[]): string[] => {
    let before: readonly TimedWord[] = [];
    return parts.map((part) => {
      const written = texts(redactApart(before, said(part), kinds));
      before = [...before, ...said(part)];
      return written;
    });
  };

  it('lets no group of a card number through', () => {
    const groups = told('The card is 4111', '1111', 'one one one one.', '1111. Thank you.');
    expect(told('4111 1111 1111', '1111 that is all')).toEqual(['[NUMBER]', '[CARD] that is all']);
    expect(groups).toEqual(['The card is [NUMBER]', '[NUMBER]', '[NUMBER].', '[NUMBER]. Thank you.']);
  });

  it('knows what was said before', () => {
    expect(told('My date of birth is', 'May 3rd, 1984.')).toEqual(['My date of birth is', '[DATE_OF_BIRTH].']);
    expect(told('The security code is', '123, I think.')).toEqual([
      'The security code is',
      '[SECURITY_CODE], I think.',
    ]);
  });

  it('leaves numbers that are whole, or are called something else', () => {
    expect(told('It costs 1250 dollars.', '300 more than before.')).toEqual([
      'It costs 1250 dollars.',
      '300 more than before.',
    ]);
    expect(told('My order number is 4155550134.')).toEqual(['My order number is 4155550134.']);
  });
});
