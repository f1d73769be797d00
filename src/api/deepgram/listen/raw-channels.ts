import { type RawEncoding, rawDecoder } from '../../../audio/formats.js';
import { monoOf } from '../../../audio/wav.js';
import { invalid } from '../deepgram-error.js';

export type RawAudio = {
  readonly encoding: RawEncoding;
  readonly rateHz: number;
  /** Interleaved. */
  readonly channels: number;
  /** Whether channels stay apart; otherwise they are mixed. */
  readonly apart: boolean;
};

/** Telephony has one rate. */
const telephoneHz = 8_000;

/** What the parameters of a request say of its audio; undefined when they name no encoding. */
export function rawAudioOf(options: {
  readonly encoding?: RawEncoding | undefined;
  readonly sample_rate?: number | undefined;
  readonly channels: number;
  readonly multichannel: boolean;
}): RawAudio | undefined {
  const { encoding, channels, multichannel } = options;
  if (encoding === undefined) return undefined;
  const companded = encoding === 'mulaw' || encoding === 'alaw';
  const rateHz = options.sample_rate ?? (companded ? telephoneHz : undefined);
  if (rateHz === undefined)
    throw invalid('sample_rate: expected the rate of the audio in Hz, since encoding is given.');
  return { encoding, rateHz, channels, apart: multichannel && channels > 1 };
}

/**
 * Decodes raw audio that comes in pieces of any length, cut anywhere. Gives one array for each channel that stays by
 * itself, all of the same length.
 */
export function channelDecoder({
  encoding,
  channels,
  apart,
}: RawAudio): (bytes: Uint8Array) => readonly Float32Array[] {
  const decode = rawDecoder(encoding);
  if (channels === 1) return (bytes) => [decode(bytes)];
  let left = new Float32Array(0);
  return (bytes) => {
    const samples = joined(left, decode(bytes));
    const frames = Math.floor(samples.length / channels);
    left = samples.slice(frames * channels);
    const split = Array.from({ length: channels }, (_, channel) => {
      const own = new Float32Array(frames);
      for (let frame = 0; frame < frames; frame++) own[frame] = samples[frame * channels + channel] as number;
      return own;
    });
    return apart ? split : [monoOf(split)];
  };
}

function joined(first: Float32Array, second: Float32Array): Float32Array {
  if (first.length === 0) return second;
  const both = new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
