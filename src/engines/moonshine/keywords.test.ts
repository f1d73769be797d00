import { expect, it } from 'vitest';
import { keywordLimits } from '../../ports/keyword-limits.js';
import { checkKeywords } from './keywords.js';

const keyword = { text: 'Kowalczyk', weight: 4 };

it('keywords are taken up to their limits', () => {
  const most = Array.from({ length: keywordLimits.count }, () => keyword);
  expect(checkKeywords(most)).toBe(most);
  expect(checkKeywords([{ text: 'x'.repeat(keywordLimits.characters), weight: keywordLimits.weight }])).toHaveLength(1);
});

it.each([
  ['too many', Array.from({ length: keywordLimits.count + 1 }, () => keyword)],
  ['a long one', [{ text: 'x'.repeat(keywordLimits.characters + 1), weight: 1 }]],
  ['an empty one', [{ text: ' ', weight: 1 }]],
  ['no weight', [{ text: 'tea', weight: 0 }]],
  ['a weight that is no number', [{ text: 'tea', weight: Number.NaN }]],
  ['a large weight', [{ text: 'tea', weight: keywordLimits.weight + 1 }]],
])('%s is refused', (_, keywords) => {
  expect(() => checkKeywords(keywords)).toThrowError(
    expect.objectContaining({ code: 'stt.bad_keywords', status: 400 }),
  );
});
