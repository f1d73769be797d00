import { endianness } from 'node:os';

const hostIsLittleEndian = endianness() === 'LE';

/** 16-bit value of a sample: full scale is 32,768, values outside -1..1 are limited, NaN is 0. */
export function int16Of(sample: number): number {
  const scaled = Math.round(sample * 32_768);
  return scaled > 32_767 ? 32_767 : scaled < -32_768 ? -32_768 : scaled | 0;
}

/** Signed 16-bit little-endian PCM, two bytes for each sample, in a new Buffer of its own memory. */
export function encodePcm16(samples: Float32Array): Buffer {
  const values = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) values[i] = int16Of(samples[i] as number);
  const bytes = Buffer.from(values.buffer);
  return hostIsLittleEndian ? bytes : bytes.swap16();
}

/** Linear samples of signed 16-bit little-endian PCM. An odd last byte is not a sample and is left out. */
export function decodePcm16(bytes: Uint8Array): Float32Array {
  const length = bytes.byteLength >> 1;
  const samples = new Float32Array(length);
  if (hostIsLittleEndian && bytes.byteOffset % 2 === 0) {
    const values = new Int16Array(bytes.buffer, bytes.byteOffset, length);
    for (let i = 0; i < length; i++) samples[i] = (values[i] as number) / 32_768;
    return samples;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < length; i++) samples[i] = view.getInt16(i * 2, true) / 32_768;
  return samples;
}
