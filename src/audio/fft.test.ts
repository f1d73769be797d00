import { describe, expect, it } from 'vitest';
import { ParleyError } from './error.js';
import { createFft } from './fft.js';

/** Reproducible noise in -1..1. */
function noise(length: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function naiveDft(input: Float32Array): { re: number[]; im: number[] } {
  const size = input.length;
  const re: number[] = [];
  const im: number[] = [];
  for (let k = 0; k <= size / 2; k++) {
    let sumRe = 0;
    let sumIm = 0;
    for (let n = 0; n < size; n++) {
      const angle = (-2 * Math.PI * ((k * n) % size)) / size;
      sumRe += (input[n] as number) * Math.cos(angle);
      sumIm += (input[n] as number) * Math.sin(angle);
    }
    re.push(sumRe);
    im.push(sumIm);
  }
  return { re, im };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs((a[i] as number) - (b[i] as number)));
  return largest;
}

const sizes = [2, 4, 6, 8, 10, 12, 16, 18, 20, 30, 32, 50, 64, 90, 256, 400, 480, 512, 1_024, 1_200];

describe('createFft', () => {
  it.each(sizes)('equals the definition for size %i', (size) => {
    const fft = createFft(size);
    expect(fft.bins).toBe(size / 2 + 1);
    const input = noise(size);
    const re = new Float32Array(fft.bins);
    const im = new Float32Array(fft.bins);
    fft.forward(input, re, im);
    const expected = naiveDft(input);
    expect(largestDifference(re, expected.re)).toBeLessThan(1e-5);
    expect(largestDifference(im, expected.im)).toBeLessThan(1e-5);
  });

  it.each(sizes)('comes back to the input for size %i', (size) => {
    const fft = createFft(size);
    const input = noise(size, 7);
    const re = new Float32Array(fft.bins);
    const im = new Float32Array(fft.bins);
    const output = new Float32Array(size);
    fft.forward(input, re, im);
    fft.inverse(re, im, output);
    expect(largestDifference(output, input)).toBeLessThan(1e-6);
  });

  it('reads and writes bins at an offset and touches nothing else', () => {
    const fft = createFft(8);
    const input = noise(8);
    const plain = { re: new Float32Array(5), im: new Float32Array(5) };
    fft.forward(input, plain.re, plain.im);
    const re = new Float32Array(15).fill(9);
    const im = new Float32Array(15).fill(9);
    fft.forward(input, re, im, 5);
    expect([...re]).toEqual([9, 9, 9, 9, 9, ...plain.re, 9, 9, 9, 9, 9]);
    expect([...im]).toEqual([9, 9, 9, 9, 9, ...plain.im, 9, 9, 9, 9, 9]);
    const output = new Float32Array(8);
    fft.inverse(re, im, output, 5);
    expect(largestDifference(output, input)).toBeLessThan(1e-6);
  });

  it('ignores imaginary parts that a real signal cannot have', () => {
    const fft = createFft(12);
    const input = noise(12);
    const re = new Float32Array(7);
    const im = new Float32Array(7);
    fft.forward(input, re, im);
    im[0] = 5;
    im[6] = -5;
    const output = new Float32Array(12);
    fft.inverse(re, im, output);
    expect(largestDifference(output, input)).toBeLessThan(1e-6);
  });

  it.each([0, -4, 1, 7, 401, 14, 2.5, Number.NaN, 2 ** 21])('refuses size %d', (size) => {
    let error: unknown;
    try {
      createFft(size);
    } catch (thrown) {
      error = thrown;
    }
    expect(ParleyError.isInstance(error) && error.code).toBe('fft.size');
  });
});
