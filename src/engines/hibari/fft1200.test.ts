import { describe, expect, it } from 'vitest';
import { RealFft1200, SPECTRUM_BINS } from './fft1200.js';

function noise(length: number): Float64Array {
  let state = 7;
  return Float64Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 1073741824 - 1;
  });
}

describe('the 1,200-point real transform', () => {
  it('gives the bins of the defining sum', () => {
    const samples = noise(1200);
    const spectrum = new Float64Array(2 * SPECTRUM_BINS);
    new RealFft1200().forward(samples, spectrum);
    for (const k of [0, 1, 7, 299, 300, 301, 599, 600]) {
      let re = 0;
      let im = 0;
      samples.forEach((x, n) => {
        re += x * Math.cos((2 * Math.PI * k * n) / 1200);
        im -= x * Math.sin((2 * Math.PI * k * n) / 1200);
      });
      expect(spectrum[2 * k]).toBeCloseTo(re, 8);
      expect(spectrum[2 * k + 1]).toBeCloseTo(im, 8);
    }
  });

  it('comes back to the samples', () => {
    const fft = new RealFft1200();
    const samples = noise(1200);
    const spectrum = new Float64Array(2 * SPECTRUM_BINS);
    const back = new Float64Array(1200);
    fft.forward(samples, spectrum);
    fft.inverse(spectrum, back);
    for (let i = 0; i < 1200; i++) expect(back[i]).toBeCloseTo(samples[i] as number, 12);
  });

  it('ignores the imaginary parts of the first and last bin, which a real signal cannot have', () => {
    const fft = new RealFft1200();
    const plain = new Float64Array(2 * SPECTRUM_BINS);
    plain[0] = 1200;
    plain[1200] = 600;
    const odd = Float64Array.from(plain);
    odd[1] = 55;
    odd[1201] = -31;
    const a = new Float64Array(1200);
    const b = new Float64Array(1200);
    fft.inverse(plain, a);
    fft.inverse(odd, b);
    expect(b).toEqual(a);
    expect(a[0]).toBeCloseTo(1.5, 12);
  });
});
