import { describe, expect, it } from 'vitest';
import { type TextCue, textCue } from './text-cues.js';

describe('text cues', () => {
  it.each<[string, TextCue]>([
    ['', 'none'],
    ['  ', 'none'],
    ['A coffee, please.', 'plain'],
    ['Make me a drip coffee.', 'plain'],
    ['Make me a.', 'open'],
    ['Get me', 'open'],
    ["I'd like", 'open'],
    ['I want to', 'open'],
    ['A coffee and', 'open'],
    ['A coffee with.', 'open'],
    ['because', 'open'],
    ['Can I have a', 'open'],
    ['Can you help me', 'plain'],
    ['where is my order', 'plain'],
    ['I want to order', 'open'],
    ['with a lot of', 'open'],
    ['with a bit', 'open'],
    ['Yes, please.', 'plain'],
    ['Yes it is.', 'plain'],
    ['Thanks, I do.', 'plain'],
    ['What kind do you have?', 'question'],
    ['Where are you from?', 'question'],
    ['Do you have tea?', 'question'],
    ['What a day!', 'question'],
    ['He said, "why?"', 'question'],
    ['Well', 'filler'],
    ['I need, um', 'filler'],
    ['A tea as well', 'plain'],
    ['A tea,', 'comma'],
    ['A tea –', 'comma'],
    ['I would like:', 'open'],
    ['A large', 'attributive'],
    ['A medium-roast', 'attributive'],
    ['five five', 'number'],
    ['Room 12', 'number'],
  ])('"%s" is %s', (text, cue) => {
    expect(textCue(text)).toBe(cue);
  });
});
