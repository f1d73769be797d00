import { describe, expect, it } from 'vitest';
import { decodePcm16, encodePcm16 } from './pcm.js';

describe('encodePcm16', () => {
  it('writes little-endian 16-bit values', () => {
    const bytes = encodePcm16(Float32Array.of(0, 1 / 32_768, 0.5, -1, -1 / 32_768));
    expect([...bytes]).toEqual([0, 0, 1, 0, 0, 0x40, 0, 0x80, 0xff, 0xff]);
  });

  it('limits what is outside -1..1 and takes NaN for 0', () => {
    const loud = Float32Array.of(1, 2, 1e30, Number.POSITIVE_INFINITY, -2, -1e30, Number.NEGATIVE_INFINITY, Number.NaN);
    const values = encodePcm16(loud);
    expect(loud.map((_, i) => values.readInt16LE(i * 2))).toEqual(
      Float32Array.of(32_767, 32_767, 32_767, 32_767, -32_768, -32_768, -32_768, 0),
    );
  });
});

describe('decodePcm16', () => {
  const everyValue = Buffer.alloc(131_072);
  for (let i = 0; i < 65_536; i++) everyValue.writeInt16LE(i - 32_768, i * 2);

  it('loses nothing on the way there and back', () => {
    expect(encodePcm16(decodePcm16(everyValue))).toEqual(everyValue);
  });

  it('reads from an odd offset', () => {
    const shifted = Buffer.concat([Buffer.from([7]), everyValue]).subarray(1);
    expect(decodePcm16(shifted)).toEqual(decodePcm16(everyValue));
  });

  it('leaves out an odd last byte', () => {
    expect(decodePcm16(Uint8Array.of(0, 0x40, 9))).toEqual(Float32Array.of(0.5));
  });
});
