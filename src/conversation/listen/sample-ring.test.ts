import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SampleRing } from './sample-ring.js';

describe('sample ring', () => {
  it('gives the newest samples by their position since the beginning', () => {
    const ring = new SampleRing(4);
    ring.push(Float32Array.of(0, 1, 2));
    ring.push(Float32Array.of(3, 4, 5));
    expect(ring.end).toBe(6);
    expect([...ring.slice(3, 5)]).toEqual([3, 4]);
    expect([...ring.slice(0)]).toEqual([2, 3, 4, 5]);
    expect([...ring.slice(5, 100)]).toEqual([5]);
    expect([...ring.slice(6)]).toEqual([]);
  });

  it('keeps the end of what is longer than itself', () => {
    const ring = new SampleRing(3);
    ring.push(Float32Array.of(9));
    ring.push(Float32Array.of(0, 1, 2, 3, 4));
    expect([...ring.slice(0)]).toEqual([2, 3, 4]);
  });

  it('is the same as keeping everything, wherever it is cut', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.nat({ max: 30 }), { maxLength: 12 }),
      fc.nat({ max: 150 }),
      fc.nat({ max: 150 }),
      (capacity, pushes, from, to) => {
        const ring = new SampleRing(capacity);
        const all: number[] = [];
        for (const length of pushes) {
          const samples = Float32Array.from({ length }, (_, i) => all.length + i);
          all.push(...samples);
          ring.push(samples);
        }
        expect([...ring.slice(from, to)]).toEqual(all.slice(Math.max(from, all.length - capacity), to));
      },
    );
    fc.assert(property, { seed: 1, numRuns: 300 });
  });
});
