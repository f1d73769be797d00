import { describe, expect, it } from 'vitest';
import { cardinal, decimal, ordinal, year } from './number-words.js';

describe('numbers in words', () => {
  it.each([
    ['0', 'zero'],
    ['13', 'thirteen'],
    ['42', 'forty-two'],
    ['100', 'one hundred'],
    ['1234', 'one thousand two hundred thirty-four'],
    ['1000000', 'one million'],
    ['20000005', 'twenty million five'],
    ['007', 'seven'],
  ])('says %s as a quantity: %s', (digits, words) => expect(cardinal(digits)).toBe(words));

  it('reads digits one by one where a quantity has no common name', () => {
    expect(cardinal(`1${'0'.repeat(17)}`)).toBe('one hundred quadrillion');
    expect(cardinal(`1${'0'.repeat(18)}`)).toMatch(/^one zero zero/);
  });

  it.each([
    ['1', 'first'],
    ['12', 'twelfth'],
    ['20', 'twentieth'],
    ['23', 'twenty-third'],
    ['100', 'one hundredth'],
  ])('says %s as an ordinal: %s', (digits, words) => expect(ordinal(digits)).toBe(words));

  it.each([
    ['1987', 'nineteen eighty-seven'],
    ['1905', 'nineteen oh five'],
    ['1900', 'nineteen hundred'],
    ['2005', 'two thousand five'],
    ['2024', 'twenty twenty-four'],
    ['0420', 'zero four two zero'],
  ])('says %s as a year: %s', (digits, words) => expect(year(digits)).toBe(words));

  it('says the digits after the point zeros at the end included', () => {
    expect(decimal('3.140')).toBe('three point one four zero');
    expect(decimal('2.0')).toBe('two point zero');
    expect(decimal('.5')).toBe('zero point five');
  });
});
