import { type AudioFormatName, encodeRaw, type RawEncoding, rateOf } from '../formats.js';
import { encodeCompressed } from './compressed.js';
import { encodeOpus } from './opus.js';
import { streamingWavHeader } from './wav-stream.js';

export type EncodeOptions = {
  readonly format: AudioFormatName;
  /** Of the samples. @throws ParleyError `audio.rate` (400) where the format cannot be made at it */
  readonly rateHz: number;
};

const raw: Readonly<Partial<Record<AudioFormatName, RawEncoding>>> = { pcm: 'pcm16', mulaw: 'mulaw', alaw: 'alaw' };

/**
 * Encodes mono audio as it comes: each piece is given out as soon as its format allows. Nothing is read before it is asked
 * for.
 */
export function encodeAudio(
  samples: AsyncIterable<Float32Array>,
  { format, rateHz }: EncodeOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  rateOf(format, rateHz);
  switch (format) {
    case 'mp3':
    case 'aac':
    case 'flac':
      return encodeCompressed(samples, { codec: format, rateHz });
    case 'opus':
      return encodeOpus(samples, rateHz);
    case 'wav':
      return encodePlain(samples, 'pcm16', streamingWavHeader(rateHz));
    default:
      return encodePlain(samples, raw[format] ?? 'pcm16');
  }
}

async function* encodePlain(
  samples: AsyncIterable<Float32Array>,
  encoding: RawEncoding,
  header?: Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  let before = header;
  for await (const piece of samples) {
    const bytes = encodeRaw(encoding, piece);
    // One write for the header and the first sound.
    yield before ? Buffer.concat([before, bytes]) : bytes;
    before = undefined;
  }
  if (before) yield before;
}
