import { describe, expect, it } from 'vitest';
import { whisperLogMel, whisperMel } from './whisper-mel.js';

/** One second of noise, a tone and a sweep, the same as in the reference computation. */
function signal(): Float32Array {
  let state = 1;
  return Float32Array.from({ length: 16_000 }, (_, i) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const noise = (state / 2 ** 31 - 1) * 0.01;
    return noise + 0.3 * Math.sin((2 * Math.PI * 440 * i) / 16_000) + 0.1 * Math.sin(i * i * 1e-5);
  });
}

/** Band, frame, value: computed with numpy in double precision from the published formulas, with dense filters. */
const expected: readonly (readonly [band: number, frame: number, value: number])[] = [
  [0, 0, 0.866555],
  [0, 99, 0.311448],
  [1, 50, -0.145195],
  [3, 7, 0.534085],
  [7, 33, 1.03308],
  [10, 0, 1.226697],
  [10, 50, 1.301628],
  [11, 50, 1.356132],
  [15, 61, 0.370696],
  [20, 20, -0.089253],
  [25, 80, -0.113072],
  [30, 99, 0.139133],
  [35, 45, -0.167433],
  [40, 12, 0.037611],
  [45, 70, 0.035399],
  [50, 5, -0.067938],
  [60, 60, -0.097338],
  [70, 30, 0.008432],
  [78, 90, 0.129486],
  [79, 0, 0.06216],
  [79, 99, 0.038403],
];

describe('whisperLogMel', () => {
  it('equals an independent computation', () => {
    const mel = whisperLogMel(signal());
    expect(mel.length).toBe(80 * 100);
    for (const [band, frame, value] of expected) expect(mel[band * 100 + frame]).toBeCloseTo(value, 4);
  });

  it('limits values to 8 decades below the largest', () => {
    const impulse = new Float32Array(800);
    impulse[400] = 1;
    const mel = whisperLogMel(impulse);
    for (const [band, frame, value] of [
      [0, 0, -1.484252],
      [0, 2, 0.506844],
      [40, 2, 0.514442],
      [79, 3, 0.507118],
      [5, 4, -1.484252],
    ] as const) {
      expect(mel[band * 5 + frame]).toBeCloseTo(value, 4);
    }
    expect(Math.max(...mel) - Math.min(...mel)).toBeCloseTo(2, 5);
  });

  it('gives 800 frames for 8 s, and drops what does not fill a hop', () => {
    expect(whisperLogMel(new Float32Array(128_000)).length).toBe(whisperMel.bands * 800);
    expect(whisperLogMel(new Float32Array(159)).length).toBe(0);
    expect(whisperLogMel(new Float32Array(0)).length).toBe(0);
    expect(whisperLogMel(new Float32Array(319)).length).toBe(80);
  });

  it('gives -1.5 everywhere for silence', () => {
    expect(new Set(whisperLogMel(new Float32Array(1_600)))).toEqual(new Set([-1.5]));
  });

  it('gives the same whatever ran before', () => {
    const first = whisperLogMel(signal());
    whisperLogMel(new Float32Array(4_000).fill(0.7));
    expect(whisperLogMel(signal())).toEqual(first);
  });
});
