import { describe, expect, it } from 'vitest';
import { splitSentences } from './sentences.js';

const abbreviations = { beforeNames: new Set(['Dr', 'Mr']), beforeNumbers: new Set(['No', 'Jan']) };
const split = (text: string) => splitSentences(text, abbreviations);

describe('sentences', () => {
  it('end at full stops, question and exclamation marks', () =>
    expect(split('One. Two? Three! Four')).toEqual(['One.', 'Two?', 'Three!', 'Four']));

  it('do not end after titles, initials, numbered abbreviations or before small letters', () => {
    for (const text of ['Dr. Smith came.', 'J. K. Rowling wrote.', 'On Jan. 5 we met.', 'It is 5 p.m. now.']) {
      expect(split(text)).toEqual([text]);
    }
    expect(split('The answer is No. Then we left.')).toHaveLength(2);
  });

  it('end at line breaks', () => expect(split('Title\n\nText\nmore')).toEqual(['Title', 'Text', 'more']));

  it('are none in empty text', () => expect(split(' \n ')).toEqual([]));
});
