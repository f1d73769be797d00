import { describe, expect, it } from 'vitest';
import { digitsOf, isGrounded, listedValues } from './grounding.js';

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
    expect(isGrounded({ number: '44712' }, 'it is four four seven one two')).toBe(true);
    expect(isGrounded({ number: 44712 }, 'order 44712 please')).toBe(true);
    expect(isGrounded({ number: '12345' }, 'where is my order')).toBe(false);
    expect(isGrounded({ orders: [{ number: '12345' }] }, 'where is my order')).toBe(false);
  });

  it('that is in words must have been said, some of it', () => {
    expect(isGrounded({ city: 'Blue Door' }, 'what are your opening hours')).toBe(false);
    expect(isGrounded({ city: 'Oslo', day: 'Fridays' }, 'is it raining in oslo on Friday')).toBe(true);
    expect(isGrounded({ note: 'A caller wants a table' }, 'a table for two')).toBe(true);
  });

  it('that is short, worked out, or listed by the tool is taken as it is', () => {
    const values = { people: 4, day: '2026-11-24', time: '18:00', language: 'fr', ready: true };
    expect(isGrounded(values, 'for us')).toBe(true);
    const listed = listedValues({ properties: { state: { anyOf: [{ enum: ['switched-off'] }, { const: 'dim' }] } } });
    expect(isGrounded({ state: 'switched-off' }, 'good night', listed)).toBe(true);
    expect(isGrounded({ state: 'switched-off' }, 'good night')).toBe(false);
  });
});
