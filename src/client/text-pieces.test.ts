import { expect, it } from 'vitest';
import { longestPiece, textPieces } from './text-pieces.js';

async function piecesOf(text: Parameters<typeof textPieces>[0]): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of textPieces(text)) pieces.push(piece);
  return pieces;
}

it('a text that fits is one piece', async () => {
  expect(await piecesOf('One. Two! Three?')).toEqual(['One. Two! Three?']);
  expect(await piecesOf('  ')).toEqual([]);
});

it('text that comes bit by bit is cut into sentences, however it was cut before', async () => {
  const text = 'Two large teas. That is five dollars! Anything else?';
  const sentences = ['Two large teas.', 'That is five dollars!', 'Anything else?'];
  expect(await piecesOf([...text])).toEqual(sentences);
  expect(await piecesOf([text])).toEqual(sentences);
  expect(await piecesOf(text.split(' ').map((word) => `${word} `))).toEqual(sentences);
});

it('a sentence is there as soon as the next one has begun', async () => {
  let given = 0;
  const pieces = textPieces(
    (async function* () {
      for (const part of ['One is here. ', 'Two', ' is not']) {
        given += 1;
        yield part;
      }
    })(),
  );
  expect((await pieces.next()).value).toBe('One is here.');
  expect(given).toBe(2);
});

it('what is too long is cut at a sentence, or else at a word, or else anywhere, and nothing is lost', async () => {
  const words = 'word '.repeat(2_000).trim();
  for (const text of [`${'A sentence. '.repeat(500)}`, words, 'x'.repeat(10_000)])
    for (const given of [text, [text], text.match(/.{1,100}/gs) ?? []]) {
      const pieces = await piecesOf(given);
      expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(longestPiece);
      expect(pieces.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }
  const first = (await piecesOf('A sentence. '.repeat(500)))[0] ?? '';
  expect(first.endsWith('sentence.')).toBe(true);
  expect((await piecesOf(words)).every((piece) => /^word.*word$/.test(piece))).toBe(true);
});
