import { expect, it } from 'vitest';
import { atHearingLevel } from './levels.js';

const peakOf = (samples: Float32Array): number => Math.max(...samples.map(Math.abs));

it('speech is brought to one level, whether it was quiet or loud', () => {
  for (const peak of [0.1, 0.3, 1]) {
    const heard = atHearingLevel(Float32Array.of(0, peak / 2, -peak));
    expect(peakOf(heard)).toBeCloseTo(0.9, 5);
    expect((heard[1] ?? 0) / (heard[2] ?? 1)).toBeCloseTo(-0.5, 5);
  }
});

it('a quiet line stays quiet, a silent one silent', () => {
  expect(peakOf(atHearingLevel(Float32Array.of(0.001, -0.002)))).toBeCloseTo(0.02, 5);
  expect(atHearingLevel(new Float32Array(3))).toEqual(new Float32Array(3));
});
