import { expect, it } from 'vitest';
import { ReplySource } from './reply-source.js';
import { SourceCursor } from './source-cursor.js';
import type { SpokenPiece } from './spoken-piece.js';

function piece(text: string, samples: number): SpokenPiece {
  return { text, samples: new Float32Array(samples), rateHz: 1_000, words: [] };
}

/** Reads 20 samples at a time: which piece, how much of it, and what is said of its beginning. */
function readAll(cursor: SourceCursor): string[] {
  const read: string[] = [];
  for (let next = cursor.read(20); next; next = cursor.read(20))
    read.push(`${next.piece.text} ${next.samples.length}${next.begins ? ' begins' : ''}${next.isNew ? ' new' : ''}`);
  return read;
}

it('reads piece by piece, and goes on when there is more', () => {
  const source = new ReplySource();
  const cursor = new SourceCursor(source);
  expect(readAll(cursor)).toEqual([]);
  source.add(piece('one', 30));
  source.add(piece('written', 0));
  expect(readAll(cursor)).toEqual(['one 20 begins new', 'one 10', 'written 0 begins new']);
  source.add(piece('two', 20));
  expect(readAll(cursor)).toEqual(['two 20 begins new']);
});

it('goes back by samples over the bounds of pieces, and begins none of them again', () => {
  const cursor = new SourceCursor(ReplySource.of(piece('one', 20), piece('two', 20)));
  readAll(cursor);
  expect(cursor.rewind(30)).toBe(30);
  expect(readAll(cursor)).toEqual(['one 10', 'two 20']);
  expect(cursor.rewind(1_000)).toBe(40);
  expect(readAll(cursor)).toEqual(['one 20', 'two 20']);
});

it('takes a piece up again in its middle, and begins what follows it once more', () => {
  const source = ReplySource.of(piece('one', 20), piece('two', 20), piece('three', 20));
  const cursor = new SourceCursor(source);
  const [one] = source.pieces;
  cursor.read(20);
  cursor.read(20);
  if (one) cursor.goBack(one, 15);
  expect(readAll(cursor)).toEqual(['one 5', 'two 20 begins', 'three 20 begins new']);
});
