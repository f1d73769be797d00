import { describe, expect, it } from 'vitest';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.js';

const allCodes = Uint8Array.from({ length: 256 }, (_, code) => code);

function linear(samples: Float32Array): number[] {
  // Adding 0 turns -0 into 0: mu-law has both.
  return Array.from(samples, (sample) => Math.round(sample * 32_768) + 0);
}

function samplesOf16Bit(values: readonly number[]): Float32Array {
  return Float32Array.from(values, (value) => value / 32_768);
}

describe('mu-law', () => {
  it.each([
    [0x00, -32_124],
    [0x01, -31_100],
    [0x0f, -16_764],
    [0x10, -15_996],
    [0x70, -120],
    [0x7e, -8],
    [0x7f, 0],
    [0x80, 32_124],
    [0x8f, 16_764],
    [0x90, 15_996],
    [0xa0, 7_932],
    [0xf0, 120],
    [0xfe, 8],
    [0xff, 0],
  ])('decodes code %i to %i of G.711 table 2', (code, value) => {
    expect(linear(decodeMulaw(Uint8Array.of(code)))).toEqual([value]);
  });

  it('places the decision values of G.711 table 2', () => {
    const values = [0, 3, 4, 11, 12, 123, 124, 139, 140, 32_767, -1, -4, -5, -32_768];
    expect([...encodeMulaw(samplesOf16Bit(values))]).toEqual([
      0xff, 0xff, 0xfe, 0xfe, 0xfd, 0xf0, 0xef, 0xef, 0xee, 0x80, 0x7f, 0x7f, 0x7e, 0x00,
    ]);
  });

  it('returns to the same code, except that negative zero becomes zero', () => {
    const expected = allCodes.slice();
    expected[0x7f] = 0xff;
    expect(encodeMulaw(decodeMulaw(allCodes))).toEqual(expected);
  });
});

describe('A-law', () => {
  it.each([
    [0x55, -8],
    [0xd5, 8],
    [0xd4, 24],
    [0x54, -24],
    [0xc5, 264],
    [0xf5, 528],
    [0x2a, -32_256],
    [0xaa, 32_256],
    [0x80, 5_504],
    [0x00, -5_504],
  ])('decodes code %i to %i of G.711 table 1', (code, value) => {
    expect(linear(decodeAlaw(Uint8Array.of(code)))).toEqual([value]);
  });

  it('places the decision values of G.711 table 1', () => {
    const values = [0, 15, 16, 255, 256, 511, 512, 32_767, -1, -16, -17, -32_768];
    expect([...encodeAlaw(samplesOf16Bit(values))]).toEqual([
      0xd5, 0xd5, 0xd4, 0xda, 0xc5, 0xca, 0xf5, 0xaa, 0x55, 0x55, 0x54, 0x2a,
    ]);
  });

  it('returns to the same code', () => {
    expect(encodeAlaw(decodeAlaw(allCodes))).toEqual(allCodes);
  });
});

describe.each([
  ['mu-law', encodeMulaw, decodeMulaw, 0x80, 0x00, 0xff],
  ['A-law', encodeAlaw, decodeAlaw, 0xaa, 0x2a, 0xd5],
] as const)('%s', (_name, encode, decode, highest, lowest, silence) => {
  it('limits what is outside -1..1 and takes NaN for silence', () => {
    const samples = Float32Array.of(
      1,
      3,
      1e30,
      Number.POSITIVE_INFINITY,
      -3,
      -1e30,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    );
    expect([...encode(samples)]).toEqual([highest, highest, highest, highest, lowest, lowest, lowest, silence]);
  });

  it('keeps a loud sine within 36 dB', () => {
    const samples = Float32Array.from({ length: 8_000 }, (_, i) => 0.5 * Math.sin(i * 0.7));
    const decoded = decode(encode(samples));
    let power = 0;
    let error = 0;
    samples.forEach((sample, i) => {
      power += sample ** 2;
      error += (sample - (decoded[i] as number)) ** 2;
    });
    expect(10 * Math.log10(power / error)).toBeGreaterThan(36);
  });

  it('never lets the value fall while the input rises', () => {
    const rising = Float32Array.from({ length: 65_536 }, (_, i) => (i - 32_768) / 32_768);
    const decoded = decode(encode(rising));
    for (let i = 1; i < decoded.length; i++) {
      expect((decoded[i] as number) >= (decoded[i - 1] as number)).toBe(true);
    }
  });
});
