import { expect, it } from 'vitest';
import { passesLuhn } from './luhn.js';

it('a card number passes, and none with one digit changed', () => {
  const card = '4111111111111111';
  expect(passesLuhn(card)).toBe(true);
  expect(passesLuhn('378282246310005')).toBe(true);
  for (let at = 0; at < card.length; at++) {
    const other = String((Number(card[at]) + 1) % 10);
    expect(passesLuhn(card.slice(0, at) + other + card.slice(at + 1))).toBe(false);
  }
  expect(passesLuhn('')).toBe(false);
});
