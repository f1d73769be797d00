import { describe, expect, it } from 'vitest';
import { digitsOf, isGrounded } from './grounding.js';

describe('digits that were said', () => {
  it.each([
    ['order 44712', '44712'],
    ['four four seven one two', '44712'],
    ['four for seven one too', '44712'],
    ['double five oh one', '5501'],
    ['twenty one thirteen', '2113'],
    ['I want to go for a walk', ''],
  ])('"%s" are "%s"', (said, digits) => expect(digitsOf(said)).toBe(digits));
});

describe('an argument of a call', () => {
  it('that is a long number must have been said, in figures or in words', () => {
    expect(isGrounded({ number: '44712' }, 'it is four four seven one two', [])).toBe(true);
    expect(isGrounded({ number: 44712 }, 'order 44712 please', [])).toBe(true);
    expect(isGrounded({ number: '12345' }, 'where is my order', [])).toBe(false);
    expect(isGrounded({ orders: [{ number: '12345' }] }, 'where is my order', [])).toBe(false);
  });

  it('that is short, or made of what was said, is taken as it is', () => {
    expect(isGrounded({ people: 4, day: '2026-11-24', note: 'call 12345 before', ready: true }, 'for us', [])).toBe(
      true,
    );
  });

  it('that is a value of an example is none, unless it was said', () => {
    expect(isGrounded({ place: 'zanzibar' }, 'what time is it', ['Zanzibar'])).toBe(false);
    expect(isGrounded({ place: 'Zanzibar' }, 'what time is it in zanzibar', ['Zanzibar'])).toBe(true);
  });
});
