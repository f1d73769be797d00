import { describe, expect, it } from 'vitest';
import { jsonShapeProblem } from './json-shape.js';

const limits = { maxJsonDepth: 4, maxJsonValues: 10 };
const problem = (text: string) => jsonShapeProblem(Buffer.from(text), limits);

describe('the shape of JSON', () => {
  it('may be as deep as the limit, and no deeper', () => {
    expect(problem('[[[[1]]]]')).toBeUndefined();
    expect(problem('[[[[[1]]]]]')).toBe('nested deeper than 4 levels');
    expect(problem('[[[[1]]],[[[1]]]]')).toBeUndefined();
  });

  it('counts members and elements', () => {
    expect(problem('[1,2,3,4,5,6,7,8]')).toBeUndefined();
    expect(problem('[1,2,3,4,5,6,7,8,9,10]')).toBe('made of more than 10 values');
    expect(problem('{"a":1,"b":2,"c":3,"d":4,"e":5}')).toBe('made of more than 10 values');
  });

  it('looks into no string, whatever is in it', () => {
    expect(problem(JSON.stringify(['[[[[[[', ',,,,,,,,,,,,', '"[[[[[[', '\\"[[[[[', '\\\\']))).toBeUndefined();
    expect(problem('["\\\\",[[[[1]]]]]')).toBe('nested deeper than 4 levels');
  });

  it('leaves what is no JSON to the parser', () => {
    for (const text of ['', '"', '"\\"', ']]]]', 'hello', '[[[']) expect(problem(text)).toBeUndefined();
  });

  it('reads a text with a long string about as fast as a search does', () => {
    const text = Buffer.from(JSON.stringify({ type: 'a', audio: '\\'.repeat(500_000) + 'A'.repeat(1_000_000) }));
    expect(jsonShapeProblem(text, limits)).toBeUndefined();
  });
});
