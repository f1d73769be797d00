import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../analyser/statistics.js';
import { voicingOf, voicingSamples } from './voicing.js';

const rateHz = 16_000;

/** Harmonics that are loudest around a formant. */
function vowel(hz: number, formantHz: number): Float32Array {
  return Float32Array.from({ length: voicingSamples }, (_, i) => {
    let x = 0;
    for (let k = 1; k * hz < 3_600; k++)
      x += Math.sin((2 * Math.PI * k * hz * i) / rateHz) / (1 + (Math.abs(k * hz - formantHz) / 150) ** 2);
    return 0.05 * x;
  });
}

describe('voicing', () => {
  it.each([
    [95, 500],
    [120, 700],
    [220, 450],
    [330, 800],
  ])('a vowel of %d Hz has that pitch, whatever its formant', (hz, formantHz) => {
    const { voicing, pitchHz } = voicingOf(vowel(hz, formantHz));
    expect(voicing).toBeGreaterThan(0.9);
    expect(Math.abs(12 * Math.log2(pitchHz / hz))).toBeLessThan(0.5);
  });

  it('noise, silence and too little sound have none', () => {
    const random = seededRandom(5);
    const noise = Float32Array.from({ length: voicingSamples }, () => random() - 0.5);
    expect(voicingOf(noise).voicing).toBeLessThan(0.4);
    expect(voicingOf(new Float32Array(voicingSamples)).voicing).toBe(0);
    expect(voicingOf(vowel(120, 700).subarray(1)).voicing).toBe(0);
  });
});
