import { describe, expect, it } from 'vitest';
import { tokenize } from './tokenize.js';

const exceptions = { "don't": ['do', "n't"], 'Dr.': ['Dr.'], 'p.m.': ['p.m.'], 'Sept.': ['Sept.'] };
const words = (text: string) => tokenize(text, exceptions).map((token) => token.text);

describe('the tokenizer', () => {
  it.each([
    ['Hello, world!', ['Hello', ',', 'world', '!']],
    ['“Don’t go,” he said.', ['“', 'Don’t', 'go', ',', '”', 'he', 'said', '.']],
    ["I don't.", ['I', 'do', "n't", '.']],
    ['Dr. Lee came.', ['Dr.', 'Lee', 'came', '.']],
    ['(well-known)', ['(', 'well', '-', 'known', ')']],
    ['$12.50', ['$', '12.50']],
    ['50% of 10km', ['50', '%', 'of', '10', 'km']],
    ["John's", ['John', "'s"]],
    ['wait...', ['wait', '...']],
    ['on Sept.,', ['on', 'Sept.', ',']],
    ['and/or', ['and', '/', 'or']],
  ])('splits %s', (text, expected) => expect(words(text)).toEqual(expected));

  it('gives the text back', () => {
    const text = "“A (b-c) costs $5.00/d, e.g. at 5 p.m.”, said F.G. --- I [sic] & 'J'... 100% K";
    const joined = tokenize(text, exceptions).map((token) => token.text + (token.spaceAfter ? ' ' : ''));
    expect(joined.join('')).toBe(text);
  });

  it('bounds the length of a token', () => {
    const lengths = words('x'.repeat(5_000)).map((word) => word.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(100);
    expect(lengths.reduce((a, b) => a + b)).toBe(5_000);
  });
});
