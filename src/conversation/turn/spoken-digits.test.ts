import { describe, expect, it } from 'vitest';
import { spokenDigits } from './spoken-digits.js';

describe('spoken digits', () => {
  it.each([
    ['', 0],
    ['hello there', 0],
    ['five', 1],
    ['5', 1],
    ['555-0134', 7],
    ['(020) 7946 0018', 11],
    ['+44 20 7946 0018', 12],
    ['five five five oh one three four', 7],
    ['double five', 2],
    ['triple zero', 3],
    ['treble 7 double 4', 5],
    ['oh seven', 2],
    ['twenty one', 2],
    ['twenty oh one', 4],
    ['twenty-one forty-two', 4],
    ['sixteen', 2],
    ['one eight hundred', 4],
    ['two five to four for nine', 6],
    ['It is for you to say', 0],
    ['4, 4, 3, 4, 0, 7.', 6],
    ['Seven, nine, zero.', 3],
    ['598 498 5691', 10],
    ['my number is five five five', 3],
    ['five and then six', 2],
    ["I don't have one", 0],
    ['the one one two', 3],
  ])('"%s" has %d', (text, count) => {
    expect(spokenDigits(text).count).toBe(count);
  });

  it('counts the words since the last of them', () => {
    expect(spokenDigits('five five, that is all I know').wordsSince).toBe(5);
    expect(spokenDigits('my number is five').wordsSince).toBe(0);
    expect(spokenDigits('five five double').wordsSince).toBe(0);
  });

  it('counts the words that are none', () => {
    expect(spokenDigits('um, five five and no, five double one').otherWords).toBe(2);
  });
});
