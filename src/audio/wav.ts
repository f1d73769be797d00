import { ParleyError } from './error.js';
import { decodeAlaw, decodeMulaw } from './g711.js';
import { int16Of } from './pcm.js';
import { readWavHeader, type WavCoding, wavLimits } from './wav-header.js';

/** A whole recording: one array for each channel, all of the same length. */
export type Recording = { readonly channels: Float32Array[]; readonly rateHz: number };

/** How `writeWav` stores samples: signed integers, or floats that keep values outside -1..1. */
export type WavBitDepth = 16 | 24 | '32f';

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

/** Reads one sample at a byte offset; integers are scaled so that full scale is 1. */
function sampleReader(view: DataView, coding: Exclude<WavCoding, 'alaw' | 'mulaw'>): (at: number) => number {
  switch (coding) {
    case 'pcm8':
      return (at) => (view.getUint8(at) - 128) / 128;
    case 'pcm16':
      return (at) => view.getInt16(at, true) / 32_768;
    case 'pcm24':
      return (at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 8_388_608;
    case 'pcm32':
      return (at) => view.getInt32(at, true) / 2_147_483_648;
    case 'float32':
      return (at) => finite(view.getFloat32(at, true));
    case 'float64':
      // Above the range of 32-bit floats there is only infinity.
      return (at) => finite(Math.fround(view.getFloat64(at, true)));
  }
}

function deinterleave(samples: Float32Array, channelCount: number): Float32Array[] {
  if (channelCount === 1) return [samples];
  const frameCount = samples.length / channelCount;
  return Array.from({ length: channelCount }, (_, channel) => {
    const own = new Float32Array(frameCount);
    for (let i = 0; i < frameCount; i++) own[i] = samples[i * channelCount + channel] as number;
    return own;
  });
}

/**
 * Reads a WAV file: PCM of 8, 16, 24 or 32 bits, float of 32 or 64, A-law, mu-law; plain or extensible header; RIFF,
 * RF64 or BW64; chunks of other kinds are passed over. Where a writer that could not seek left the size of the data
 * open, everything up to the end of the file is audio. Values that are not finite become 0.
 *
 * @throws ParleyError `wav.not_wav` when it is something else, `wav.damaged` when the header contradicts itself or
 * the file is cut short, `wav.unsupported` for other codings and for channel counts or rates beyond `wavLimits`.
 */
export function readWav(bytes: Uint8Array): Recording {
  const { coding, channelCount, rateHz, sampleBytes, dataOffsetBytes, frameCount } = readWavHeader(bytes);
  if (coding === 'alaw' || coding === 'mulaw') {
    const codes = bytes.subarray(dataOffsetBytes, dataOffsetBytes + frameCount * channelCount);
    const samples = coding === 'alaw' ? decodeAlaw(codes) : decodeMulaw(codes);
    return { channels: deinterleave(samples, channelCount), rateHz };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = sampleReader(view, coding);
  const frameBytes = sampleBytes * channelCount;
  const channels = Array.from({ length: channelCount }, (_, channel) => {
    const samples = new Float32Array(frameCount);
    let at = dataOffsetBytes + channel * sampleBytes;
    for (let i = 0; i < frameCount; i++, at += frameBytes) samples[i] = read(at);
    return samples;
  });
  return { channels, rateHz };
}

function int24Of(sample: number): number {
  const scaled = Math.round(sample * 8_388_608);
  return scaled > 8_388_607 ? 8_388_607 : scaled < -8_388_608 ? -8_388_608 : scaled | 0;
}

function assertWritable(channels: readonly Float32Array[], rateHz: number, dataBytes: number): void {
  const refuse = (message: string): never => {
    throw new ParleyError(`Cannot write a WAV file: ${message}.`, { code: 'wav.unsupported', status: 400 });
  };
  if (channels.length < 1 || channels.length > wavLimits.maxChannels) {
    refuse(`${channels.length} channels given, expected 1 to ${wavLimits.maxChannels}`);
  }
  const frameCount = channels[0]?.length ?? 0;
  const odd = channels.find((samples) => samples.length !== frameCount);
  if (odd) refuse(`channels of ${frameCount} and ${odd.length} samples given, expected equal lengths`);
  if (!Number.isInteger(rateHz) || rateHz < wavLimits.minRateHz || rateHz > wavLimits.maxRateHz) {
    refuse(`${rateHz} Hz given, expected a whole number from ${wavLimits.minRateHz} to ${wavLimits.maxRateHz}`);
  }
  if (dataBytes > 0xffff_ff00) refuse(`${dataBytes} bytes of audio do not fit into the 4 GiB of the format`);
}

/**
 * Writes a WAV file. Integer depths limit values outside -1..1 and store NaN as 0; '32f' stores what it is given.
 *
 * @param options.bitDepth default 16
 * @throws ParleyError `wav.unsupported` for no channels, unequal lengths, an odd rate, or more than 4 GiB.
 */
export function writeWav(
  channels: readonly Float32Array[],
  rateHz: number,
  options: { readonly bitDepth?: WavBitDepth } = {},
): Buffer {
  const bitDepth = options.bitDepth ?? 16;
  const isFloat = bitDepth === '32f';
  const sampleBytes = isFloat ? 4 : bitDepth / 8;
  const frameBytes = sampleBytes * channels.length;
  const frameCount = channels[0]?.length ?? 0;
  const dataBytes = frameBytes * frameCount;
  assertWritable(channels, rateHz, dataBytes);

  // Formats other than PCM carry the size of their extension and a "fact" chunk with the number of frames.
  const formatBytes = isFloat ? 18 : 16;
  const dataOffsetBytes = 12 + (8 + formatBytes) + (isFloat ? 12 : 0) + 8;
  const paddedBytes = dataBytes + (dataBytes % 2);
  const file = Buffer.alloc(dataOffsetBytes + paddedBytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(formatBytes, 16);
  file.writeUInt16LE(isFloat ? 3 : 1, 20);
  file.writeUInt16LE(channels.length, 22);
  file.writeUInt32LE(rateHz, 24);
  file.writeUInt32LE(rateHz * frameBytes, 28);
  file.writeUInt16LE(frameBytes, 32);
  file.writeUInt16LE(sampleBytes * 8, 34);
  if (isFloat) {
    file.write('fact', 38, 'latin1');
    file.writeUInt32LE(4, 42);
    file.writeUInt32LE(frameCount, 46);
  }
  file.write('data', dataOffsetBytes - 8, 'latin1');
  file.writeUInt32LE(dataBytes, dataOffsetBytes - 4);

  const view = new DataView(file.buffer, file.byteOffset + dataOffsetBytes, paddedBytes);
  channels.forEach((samples, channel) => {
    let at = channel * sampleBytes;
    for (let i = 0; i < frameCount; i++, at += frameBytes) {
      const sample = samples[i] as number;
      if (isFloat) {
        view.setFloat32(at, sample, true);
      } else if (bitDepth === 16) {
        view.setInt16(at, int16Of(sample), true);
      } else {
        const value = int24Of(sample);
        view.setUint16(at, value & 0xffff, true);
        view.setInt8(at + 2, value >> 16);
      }
    }
  });
  return file;
}

/** The average of all channels, as a new array. No channels give no samples. */
export function monoOf(channels: readonly Float32Array[]): Float32Array {
  const mono = new Float32Array(channels[0]?.length ?? 0);
  for (const samples of channels) {
    for (let i = 0; i < mono.length; i++) mono[i] = (mono[i] as number) + (samples[i] ?? 0) / channels.length;
  }
  return mono;
}
