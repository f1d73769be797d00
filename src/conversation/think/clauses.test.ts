import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClauseCutter } from './clauses.js';

/** Cut from the text as it comes, `size` characters at a time. */
function cut(text: string, size = 3): string[] {
  const cutter = new ClauseCutter();
  const clauses: string[] = [];
  for (let at = 0; at < text.length; at += size) clauses.push(...cutter.push(text.slice(at, at + size)));
  const rest = cutter.end();
  return rest === undefined ? clauses : [...clauses, rest];
}

describe('clauses', () => {
  it('the first ones end at commas until there is speech to go on with, later ones are sentences', () => {
    expect(cut('Sure, a large coffee, with milk, to go. Anything else, or is that all?')).toEqual([
      'Sure,',
      'a large coffee,',
      'with milk, to go.',
      'Anything else, or is that all?',
    ]);
  });

  it('a clause is given as soon as it is known to have ended, not before', () => {
    const cutter = new ClauseCutter();
    expect(cutter.push('Sure')).toEqual([]);
    expect(cutter.push(',')).toEqual(['Sure,']);
    expect(cutter.push(' a')).toEqual([]);
    expect(cutter.push(' coffee for 3.')).toEqual([]);
    expect(cutter.push('50 altogether')).toEqual([]);
    expect(cutter.end()).toBe('a coffee for 3.50 altogether');
    expect(cutter.end()).toBeUndefined();
  });

  it('a long beginning without punctuation is cut before a function word', () => {
    expect(cut('I can get you one large iced coffee with oat milk and sugar')[0]).toBe('I can get you one large');
    expect(cut('I can get coffee with oat milk and sugar')[0]).toBe('I can get coffee');
  });

  it('a beginning of many words is cut behind the fifth, but not behind one that leans on the next', () => {
    expect(cut('A dark roast double shot drip coffee and some soy milk')[0]).toBe('A dark roast double shot');
    expect(cut('We can surely make you a large green tea now')[0]).toBe('We can surely make you');
    expect(cut('Then you have ordered a large green tea now')[0]).toBe('Then you have ordered a large');
  });

  it.each([
    'Mr. Smith is here',
    'It is 3.50 altogether',
    'At 7:30 we open',
    'We open at 6 a.m. sharp',
    'It is 1,000 yen',
  ])('is not cut inside "%s"', (text) => {
    expect(cut(text)).toEqual([text]);
  });

  it('a later sentence that runs on is cut at a comma beyond half of what is long', () => {
    const long =
      'We are open today. We have espresso, cappuccino, latte, mocha and tea in all sizes, and cakes, cookies and toasted sandwiches today';
    const clauses = cut(long);
    expect(clauses[0]).toBe('We are open today.');
    expect(clauses.length).toBeGreaterThan(2);
    expect(clauses[1]?.endsWith(',')).toBe(true);
    expect(clauses[1]?.length).toBeGreaterThan(45);
  });

  it('nothing but space is nothing', () => {
    expect(cut('  \n ')).toEqual([]);
  });

  it('keeps every word in its order, however the text is cut on its way', () => {
    const word = fc.constantFrom('Sure,', 'coffee', 'milk.', 'and', 'Mr.', '3.50', 'else?', 'with', 'a', ',', '!');
    const property = fc.property(fc.array(word, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (words, size) => {
      const clauses = cut(words.join(' '), size);
      expect(clauses.join(' ')).toBe(words.join(' '));
      expect(clauses).not.toContain('');
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
  });

  it('cuts the same wherever the tokens end', () => {
    const text = 'Sure, Mr. Smith, it is 3.50 in all. Anything else? We close at 6 p.m. today.';
    for (let size = 1; size < 20; size++) expect(cut(text, size)).toEqual(cut(text, 1));
  });
});
