import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64ToSamples, int16Samples, pcm16ToBase64 } from './pcm.js';

describe('PCM in base64', () => {
  it('is little-endian', () => {
    expect([...Buffer.from(pcm16ToBase64(Int16Array.of(0x0102, -2)), 'base64')]).toEqual([2, 1, 0xfe, 0xff]);
  });

  it('comes back as it was, in any length', () => {
    fc.assert(
      fc.property(fc.int16Array({ maxLength: 20_000 }), (values) => {
        const samples = base64ToSamples(pcm16ToBase64(values)) ?? new Float32Array(0);
        expect(int16Samples(samples)).toEqual(values);
      }),
      { numRuns: 30 },
    );
  });

  it('limits what is beyond full scale, and takes what is no number for silence', () => {
    expect([...int16Samples(Float32Array.of(2, -2, Number.NaN, 1))]).toEqual([32_767, -32_768, 0, 32_767]);
  });

  it('leaves out half a sample and knows what is not base64', () => {
    expect(base64ToSamples(Buffer.from([0, 64, 7]).toString('base64'))).toEqual(Float32Array.of(0.5));
    expect(base64ToSamples('%')).toBeUndefined();
  });
});
