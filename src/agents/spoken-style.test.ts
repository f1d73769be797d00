import { describe, expect, it } from 'vitest';
import { endOfSpokenReply } from './spoken-style.js';

function ended(text: string): string | undefined {
  const at = endOfSpokenReply(text);
  return at === undefined ? undefined : text.slice(0, at);
}

describe('the end of a spoken reply', () => {
  it('comes after two sentences, when a third would begin', () => {
    expect(ended('Sure. Anything else?')).toBeUndefined();
    expect(ended('Sure. Anything else? We')).toBe('Sure. Anything else?');
  });

  it.each([
    'Dr. Smith and Mrs. Jones are here',
    'We open at 6 a.m. and close at 9 p.m. today',
    'It is 3.50 or 4.50 each',
  ])('does not come inside "%s"', (text) => {
    expect(ended(text)).toBeUndefined();
  });

  it.each([
    ['Sure.\n1. Coffee', 'Sure.'],
    ['Use `coffee` then', 'Use '],
    ['def order():', ''],
    ['yes || no', 'yes '],
    ['You can write\n- a list', 'You can write'],
    ['Sure, the function is', 'Sure, the '],
    ['That is all<|im_end|>', 'That is all'],
  ])('comes where speech turns into writing: %j', (text, kept) => {
    expect(ended(text)).toBe(kept);
  });

  it.each(['\n\nSure, a latte', '  Sure', '\n'])('does not come before the first word: %j', (text) => {
    expect(ended(text)).toBeUndefined();
  });

  it('comes at whichever rule is met first', () => {
    expect(ended('One. `two` Three. Four')).toBe('One. ');
    expect(ended('One. Two. `three`')).toBe('One. Two.');
  });

  it('comes after 45 words', () => {
    const words = Array.from({ length: 46 }, (_, i) => `w${i}`);
    expect(ended(words.slice(0, 45).join(' '))).toBeUndefined();
    expect(ended(words.join(' '))?.trim().split(' ')).toHaveLength(45);
  });
});
