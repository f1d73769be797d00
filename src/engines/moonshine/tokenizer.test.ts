import { describe, expect, it } from 'vitest';
import { MoonshineTokenizer } from './tokenizer.js';

function file(...pieces: (string | Uint8Array)[]): Uint8Array {
  const parts = pieces.map((piece) => {
    const bytes = Buffer.from(piece as string);
    const length = bytes.length < 128 ? [bytes.length] : [128 + (bytes.length % 128), bytes.length >> 7];
    return Buffer.concat([Buffer.from(length), bytes]);
  });
  return Buffer.concat(parts);
}

describe('tokens of speech', () => {
  it('become text with spaces where words begin', () => {
    const tokenizer = new MoonshineTokenizer(file('▁I', "'d", '▁like', '▁tea', '.'));
    expect(tokenizer.size).toBe(5);
    expect(tokenizer.decode([0, 1, 2, 3, 4])).toBe("I'd like tea.");
  });

  it('join bytes of one character that come as several', () => {
    const [first, ...rest] = Buffer.from('é');
    const tokenizer = new MoonshineTokenizer(file('▁caf', Buffer.from([first as number]), Buffer.from(rest)));
    expect(tokenizer.decode([0, 1, 2])).toBe('café');
  });

  it('leave out control tokens, empty ones and numbers that there are not', () => {
    const tokenizer = new MoonshineTokenizer(file('', '<s>', '<<ST_3>>', '▁yes', '<'));
    expect(tokenizer.decode([0, 1, 2, 3, 4, 99])).toBe('yes<');
  });

  it('may be longer than 127 bytes', () => {
    const long = 'x'.repeat(300);
    expect(new MoonshineTokenizer(file('▁a', long)).decode([1])).toBe(long);
  });

  it('are refused when the file ends in the middle of one', () => {
    expect(() => new MoonshineTokenizer(Uint8Array.of(5, 65, 66))).toThrowError(
      expect.objectContaining({ code: 'models.damaged' }),
    );
  });

  it('of a text are found by joining the pieces with the lowest ids first', () => {
    const tokenizer = new MoonshineTokenizer(file('▁', 'a', 'b', 'c', 'bc', '▁a', '▁ab', '▁c'));
    expect(tokenizer.encode('abc')).toEqual([5, 4]);
    expect(tokenizer.encode('  ab   c ')).toEqual([6, 7]);
  });

  it('of a text are undefined where a character has no piece', () => {
    expect(new MoonshineTokenizer(file('▁', 'a', '▁a')).encode('aß')).toBeUndefined();
  });
});
