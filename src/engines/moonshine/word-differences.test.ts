import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differencesOf } from './word-differences.js';

const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });

it('turn the first list into the second', () => {
  fc.assert(
    fc.property(words, words, (first, second) => {
      const { differences, reached } = differencesOf(first, second, 'whole');
      const edited: string[] = [...first];
      for (const { at, from, to } of [...differences].reverse())
        edited.splice(at, from === undefined ? 0 : 1, ...(to === undefined ? [] : [second[to] as string]));
      expect(edited).toEqual(second);
      expect(reached).toBe(second.length);
    }),
  );
});

it('are none where the second list goes on and only its beginning counts', () => {
  fc.assert(
    fc.property(words, words, (first, more) => {
      expect(differencesOf(first, [...first, ...more], 'beginning').differences).toEqual([]);
    }),
  );
});
