import { expect, it } from 'vitest';
import { digitPrior } from './digit-prior.js';
import { spokenDigitWords } from './digit-words.js';

const end = 2;
const vocabulary = ['<unk>', '<s>', '</s>', ',', '.', 'other', 'E', 'ight'];
const idOf = (piece: string): number => {
  if (!vocabulary.includes(piece)) vocabulary.push(piece);
  return vocabulary.indexOf(piece);
};
/** "Eight" has two pieces, as in the model's own vocabulary. */
const encode = (text: string): number[] => {
  if (text === 'Eight') return [idOf('E'), idOf('ight')];
  if (text.endsWith(',') || text.endsWith('.')) return [idOf(text.slice(0, -1)), idOf(text.slice(-1))];
  return [idOf(text)];
};
const prior = digitPrior(encode, end);
const likelier = (...heard: string[]): string[] => {
  const logits = new Float32Array(vocabulary.length);
  prior(
    logits,
    heard.map((piece) => idOf(piece)),
  );
  return vocabulary.filter((_, id) => (logits[id] ?? 0) > 0);
};

it('a list of digits begins with a digit and does not end at once', () => {
  expect(likelier()).toEqual(expect.arrayContaining([...spokenDigitWords, 'Six', 'E']));
  expect(likelier()).not.toContain('</s>');
  expect(likelier()).not.toContain('Eight');
});

it('a digit is finished, then parted from the next', () => {
  expect(likelier('six', ',', 'E')).toEqual(['ight']);
  expect(likelier('E', 'ight')).toEqual(['</s>', ',', '.']);
  expect(likelier('six')).toEqual(['</s>', ',', '.']);
  expect(likelier('six', ',')).toEqual(expect.arrayContaining(['</s>', 'zero', 'nine']));
});

it('after another word a digit may begin again', () => {
  expect(likelier('six', 'other')).toEqual(likelier());
});
