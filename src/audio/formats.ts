import { ParleyError } from './error.js';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.js';
import { decodePcm16, encodePcm16 } from './pcm.js';

/** Audio without a container, mono: signed 16-bit or float 32-bit little-endian, or G.711. */
export const rawEncodings = ['pcm16', 'float32', 'mulaw', 'alaw'] as const;
export type RawEncoding = (typeof rawEncodings)[number];

/** What raw audio may be sent or asked for in, in Hz. */
export const rawRatesHz = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] as const;

export type AudioFormat = {
  /** For the header Content-Type. */
  readonly contentType: string;
  /** Sample rates that it can be made in; the first one is used where nobody asks. */
  readonly ratesHz: readonly number[];
};

/** What speech can be given out in. `pcm` is 16-bit little-endian without a header. */
export const audioFormats = {
  mp3: { contentType: 'audio/mpeg', ratesHz: [24_000, 16_000, 22_050, 32_000, 44_100, 48_000] },
  opus: { contentType: 'audio/ogg', ratesHz: [24_000, 8_000, 12_000, 16_000, 48_000] },
  aac: { contentType: 'audio/aac', ratesHz: [24_000, 16_000, 22_050, 32_000, 44_100, 48_000] },
  flac: { contentType: 'audio/flac', ratesHz: [24_000, 8_000, 16_000, 22_050, 32_000, 44_100, 48_000] },
  wav: { contentType: 'audio/wav', ratesHz: [24_000, 8_000, 11_025, 12_000, 16_000, 22_050, 32_000, 44_100, 48_000] },
  pcm: { contentType: 'audio/pcm', ratesHz: [24_000, 8_000, 11_025, 12_000, 16_000, 22_050, 32_000, 44_100, 48_000] },
  mulaw: { contentType: 'audio/basic', ratesHz: [8_000, 16_000, 24_000] },
  alaw: { contentType: 'audio/x-alaw-basic', ratesHz: [8_000, 16_000, 24_000] },
} as const satisfies Readonly<Record<string, AudioFormat>>;

export type AudioFormatName = keyof typeof audioFormats;

/**
 * The rate to make a format in.
 * @throws ParleyError `audio.rate` (400) for one that it cannot be made in
 */
export function rateOf(format: AudioFormatName, askedHz?: number): number {
  const ratesHz: readonly number[] = audioFormats[format].ratesHz;
  const rateHz = askedHz ?? (ratesHz[0] as number);
  if (ratesHz.includes(rateHz)) return rateHz;
  const known = [...ratesHz].sort((a, b) => a - b).join(', ');
  throw new ParleyError(`${format} cannot be made at ${rateHz} Hz; expected one of ${known}.`, {
    code: 'audio.rate',
    status: 400,
  });
}

export function encodeRaw(encoding: RawEncoding, samples: Float32Array): Uint8Array {
  switch (encoding) {
    case 'pcm16':
      return encodePcm16(samples);
    case 'mulaw':
      return encodeMulaw(samples);
    case 'alaw':
      return encodeAlaw(samples);
    case 'float32': {
      const bytes = Buffer.alloc(samples.length * 4);
      samples.forEach((sample, index) => {
        bytes.writeFloatLE(sample, index * 4);
      });
      return bytes;
    }
  }
}

/** Decodes raw audio that comes in pieces of any length: a sample that is cut in two is put together again. */
export function rawDecoder(encoding: RawEncoding): (bytes: Uint8Array) => Float32Array {
  const sampleBytes = encoding === 'pcm16' ? 2 : encoding === 'float32' ? 4 : 1;
  let left = new Uint8Array(0);
  return (bytes) => {
    const all = left.length === 0 ? bytes : Buffer.concat([left, bytes]);
    const whole = all.length - (all.length % sampleBytes);
    left = all.slice(whole);
    return decodeRaw(encoding, all.subarray(0, whole));
  };
}

function decodeRaw(encoding: RawEncoding, bytes: Uint8Array): Float32Array {
  switch (encoding) {
    case 'pcm16':
      return decodePcm16(bytes);
    case 'mulaw':
      return decodeMulaw(bytes);
    case 'alaw':
      return decodeAlaw(bytes);
    case 'float32': {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      // What is no number would poison every filter behind it.
      return Float32Array.from({ length: bytes.length / 4 }, (_, index) => {
        const sample = view.getFloat32(index * 4, true);
        return Number.isFinite(sample) ? sample : 0;
      });
    }
  }
}
