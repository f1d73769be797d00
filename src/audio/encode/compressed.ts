import { registerAacEncoder } from '@mediabunny/aac-encoder';
import { registerFlacEncoder } from '@mediabunny/flac-encoder';
import { registerMp3Encoder } from '@mediabunny/mp3-encoder';
import { AdtsOutputFormat, AudioSample, AudioSampleSource, FlacOutputFormat, Mp3OutputFormat } from 'mediabunny';
import { packetStream } from './packet-stream.js';

export type CompressedCodec = 'mp3' | 'aac' | 'flac';

/** Mono speech: more cannot be heard. */
const bitrateOf = (rateHz: number): number => (rateHz > 32_000 ? 96_000 : 64_000);

/** A file as it can be sent while it is made: without what would be written into its beginning at the end. */
const formatOf = {
  mp3: () => new Mp3OutputFormat({ xingHeader: false }),
  aac: () => new AdtsOutputFormat(),
  flac: () => new FlacOutputFormat({ appendOnly: true }),
} as const;

let registered = false;

/** Node has no encoders of its own: these are WebAssembly. */
function registerEncoders(): void {
  if (registered) return;
  registered = true;
  registerMp3Encoder();
  registerAacEncoder();
  registerFlacEncoder();
}

export function encodeCompressed(
  samples: AsyncIterable<Float32Array>,
  { codec, rateHz }: { readonly codec: CompressedCodec; readonly rateHz: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  registerEncoders();
  const track = new AudioSampleSource(codec === 'flac' ? { codec } : { codec, bitrate: bitrateOf(rateHz) });
  return packetStream(formatOf[codec](), track, addSamples(track, samples, rateHz));
}

async function* addSamples(
  track: AudioSampleSource,
  samples: AsyncIterable<Float32Array>,
  rateHz: number,
): AsyncGenerator<void, void, undefined> {
  let timestamp = 0;
  for await (const data of samples) {
    if (data.length === 0) continue;
    const sample = new AudioSample({ data, format: 'f32', numberOfChannels: 1, sampleRate: rateHz, timestamp });
    timestamp += data.length / rateHz;
    await track.add(sample);
    sample.close();
    yield;
  }
}
