import { describe, expect, it } from 'vitest';
import { placeWords, reduceAttention, type TokenAttention } from './alignment.js';

const frames = 100;
const peakAt = (...at: number[]): Float32Array => {
  const row = new Float32Array(frames).fill(0.001);
  for (const frame of at) row[frame] = 0.5;
  return row;
};
const looked = (start: number[], end: number[]): TokenAttention => ({ start: peakAt(...start), end: peakAt(...end) });

describe('words in time', () => {
  it('lie where the decoder looked', () => {
    const attention = [looked([10], []), looked([30], [25]), looked([45], [40]), looked([90], [60])];
    expect(placeWords([[0], [1, 2]], attention, frames)).toEqual([
      { from: 10, to: 25 },
      { from: 30, to: 60 },
    ]);
  });

  it('never go back in time, though the decoder looks back once', () => {
    const attention = [looked([10], []), looked([5, 40], [20]), looked([70], [60]), looked([90], [80])];
    const spans = placeWords([[0], [1], [2]], attention, frames);
    for (const [index, { from, to }] of spans.entries()) {
      expect(to).toBeGreaterThan(from);
      expect(from).toBeGreaterThanOrEqual(spans[index - 1]?.to ?? 0);
    }
    expect(spans[1]?.from).toBe(40);
  });

  it('end with the audio where the last token was not taken in', () => {
    expect(placeWords([[0]], [looked([10], [])], frames)).toEqual([{ from: 10, to: frames }]);
    expect(placeWords([], [], frames)).toEqual([]);
  });
});

it('rows of attention are taken from the heads that follow the speech', () => {
  const rows = 2;
  const weights = { 3: new Float32Array(8 * rows * frames), 4: new Float32Array(8 * rows * frames) };
  const set = (layer: 3 | 4, head: number, row: number, frame: number): void => {
    weights[layer][(head * rows + row) * frames + frame] = 1;
  };
  set(4, 6, 1, 22);
  set(3, 6, 1, 23);
  set(3, 1, 1, 50);
  const { start, end } = reduceAttention(weights, 1, rows, frames);
  expect(start.indexOf(Math.max(...start))).toBe(20);
  expect(start[20]).toBeCloseTo(1);
  expect(end.indexOf(1)).toBe(50);
  expect(Math.max(...reduceAttention(weights, 0, rows, frames).start)).toBe(0);
});
